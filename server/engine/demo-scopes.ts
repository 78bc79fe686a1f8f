import type { Scope } from '../../sdk/types.ts'
import type { DemoResources } from './demo-resources.ts'

/** The languages of the demonstration; English is what is said when none of the others fits. */
const otherLanguages = ['de', 'ja', 'ar'] as const

type Texts = Record<'en' | (typeof otherLanguages)[number], string>

interface DemoScope {
  title: Texts
  description: Texts
  group?: Texts
  /** Attributes that begin with `consent.` */
  consent: Record<string, string>
  /** All other attributes. */
  attributes?: Record<string, string>
}

const groups = {
  notes: { en: 'Notes', de: 'Notizen', ja: 'メモ', ar: 'الملاحظات' },
  calendar: { en: 'Calendar', de: 'Kalender', ja: 'カレンダー', ar: 'التقويم' },
  payments: { en: 'Payments', de: 'Zahlungen', ja: '支払い', ar: 'المدفوعات' },
  account: { en: 'Account', de: 'Konto', ja: 'アカウント', ar: 'الحساب' },
  organisation: { en: 'Organisation', de: 'Organisation', ja: '組織', ar: 'المؤسسة' },
} satisfies Record<string, Texts>

/** One scope for each thing that the consent page can show. Those of an API belong to its resource (RFC 8707), when it is running. */
export function demoScopes(resources: DemoResources | undefined): Scope[] {
  const ofApi = belongsTo(resources?.api)
  const ofBank = belongsTo(resources?.bank)
  return [
    scope('openid', {
      title: {
        en: 'Confirm who you are',
        de: 'Bestätigen, wer Sie sind',
        ja: '本人であることの確認',
        ar: 'تأكيد هويتك',
      },
      description: {
        en: 'An identifier for your account, and when you signed in.',
        de: 'Eine Kennung Ihres Kontos und wann Sie sich angemeldet haben.',
        ja: 'アカウントの識別子と、サインインした日時。',
        ar: 'معرّف لحسابك، ووقت تسجيل دخولك.',
      },
      consent: { mode: 'required', icon: 'person' },
    }),
    scope('profile', {
      title: {
        en: 'See your profile',
        de: 'Ihr Profil sehen',
        ja: 'プロフィールの閲覧',
        ar: 'الاطّلاع على ملفك الشخصي',
      },
      description: {
        en: 'Your name and what else is in your profile.',
        de: 'Ihr Name und was sonst in Ihrem Profil steht.',
        ja: '氏名とプロフィールのその他の項目。',
        ar: 'اسمك وسائر ما في ملفك الشخصي.',
      },
      consent: { mode: 'optional', icon: 'person' },
    }),
    scope('email', {
      title: {
        en: 'See your email address',
        de: 'Ihre E-Mail-Adresse sehen',
        ja: 'メールアドレスの閲覧',
        ar: 'الاطّلاع على بريدك الإلكتروني',
      },
      description: {
        en: 'Your email address and whether it is confirmed.',
        de: 'Ihre E-Mail-Adresse und ob sie bestätigt ist.',
        ja: 'メールアドレスと、確認済みかどうか。',
        ar: 'عنوان بريدك الإلكتروني، وهل هو مؤكَّد.',
      },
      consent: { mode: 'optional', icon: 'mail' },
    }),
    scope('phone', {
      title: {
        en: 'See your phone number',
        de: 'Ihre Telefonnummer sehen',
        ja: '電話番号の閲覧',
        ar: 'الاطّلاع على رقم هاتفك',
      },
      description: {
        en: 'Your phone number and whether it is confirmed.',
        de: 'Ihre Telefonnummer und ob sie bestätigt ist.',
        ja: '電話番号と、確認済みかどうか。',
        ar: 'رقم هاتفك، وهل هو مؤكَّد.',
      },
      consent: { mode: 'optional', icon: 'phone' },
    }),
    scope('address', {
      title: {
        en: 'See your postal address',
        de: 'Ihre Postanschrift sehen',
        ja: '住所の閲覧',
        ar: 'الاطّلاع على عنوانك البريدي',
      },
      description: { en: 'Your postal address.', de: 'Ihre Postanschrift.', ja: '住所。', ar: 'عنوانك البريدي.' },
      consent: { mode: 'optional', icon: 'home' },
    }),
    scope('offline_access', {
      title: {
        en: 'Keep access when you are not using the app',
        de: 'Zugriff behalten, während Sie die App nicht benutzen',
        ja: 'アプリを使っていない間のアクセスの継続',
        ar: 'استمرار الوصول وأنت لا تستخدم التطبيق',
      },
      description: {
        en: 'Access goes on while you are away, until you end it.',
        de: 'Der Zugriff besteht weiter, während Sie abwesend sind, bis Sie ihn beenden.',
        ja: '終了するまで、不在の間もアクセスが続きます。',
        ar: 'يستمر الوصول في غيابك إلى أن تنهيه.',
      },
      consent: { mode: 'optional', icon: 'clock' },
    }),
    scope('notes:read', {
      title: { en: 'See your notes', de: 'Ihre Notizen sehen', ja: 'メモの閲覧', ar: 'الاطّلاع على ملاحظاتك' },
      description: {
        en: 'Read all notes that you keep.',
        de: 'Alle Ihre Notizen lesen.',
        ja: 'あなたのメモをすべて読みます。',
        ar: 'قراءة جميع ملاحظاتك.',
      },
      group: groups.notes,
      consent: { mode: 'optional', icon: 'note', ...ofApi },
    }),
    scope('notes:write', {
      title: {
        en: 'Add and change notes',
        de: 'Notizen anlegen und ändern',
        ja: 'メモの追加と変更',
        ar: 'إضافة الملاحظات وتعديلها',
      },
      description: {
        en: 'Add notes, and change or delete those that you keep.',
        de: 'Notizen anlegen und Ihre vorhandenen ändern oder löschen.',
        ja: 'メモを追加し、既存のメモを変更・削除します。',
        ar: 'إضافة ملاحظات، وتعديل ما لديك منها أو حذفه.',
      },
      group: groups.notes,
      consent: { mode: 'optional', icon: 'note', implies: 'notes:read', ...ofApi },
    }),
    scope('calendar:read', {
      title: { en: 'See your calendar', de: 'Ihren Kalender sehen', ja: 'カレンダーの閲覧', ar: 'الاطّلاع على تقويمك' },
      description: {
        en: 'See the titles, times and places of your appointments.',
        de: 'Titel, Zeiten und Orte Ihrer Termine sehen.',
        ja: '予定の件名、日時、場所を見ます。',
        ar: 'الاطّلاع على عناوين مواعيدك وأوقاتها وأماكنها.',
      },
      group: groups.calendar,
      consent: { mode: 'optional', icon: 'calendar', ...ofApi },
    }),
    scope('payments:send', {
      title: { en: 'Send payments', de: 'Zahlungen senden', ja: '支払いの送信', ar: 'إرسال المدفوعات' },
      description: {
        en: 'Send payments from your account.',
        de: 'Zahlungen von Ihrem Konto senden.',
        ja: 'あなたの口座から支払いを送ります。',
        ar: 'إرسال مدفوعات من حسابك.',
      },
      group: groups.payments,
      consent: { mode: 'optional', sensitive: 'true', icon: 'card', ...ofApi },
    }),
    // A parameterized scope: what clients ask for is `payment:` and the number of a payment.
    scope('payment', {
      title: { en: 'See one payment', de: 'Eine Zahlung sehen', ja: '1件の支払いの閲覧', ar: 'الاطّلاع على دفعة واحدة' },
      description: {
        en: 'See the state of this payment and of no other.',
        de: 'Den Stand dieser Zahlung sehen und keiner anderen.',
        ja: 'この支払いの状態だけを見ます。',
        ar: 'الاطّلاع على حالة هذه الدفعة دون غيرها.',
      },
      group: groups.payments,
      consent: { mode: 'optional', icon: 'card', ...ofApi },
      attributes: { regex: '^payment:[A-Za-z0-9-]{1,36}$' },
    }),
    scope('account:basic', {
      title: {
        en: 'See the state of your account',
        de: 'Den Stand Ihres Kontos sehen',
        ja: 'アカウントの状態の確認',
        ar: 'الاطّلاع على حالة حسابك',
      },
      description: {
        en: 'Know that your account is open and in good standing.',
        de: 'Wissen, dass Ihr Konto besteht und in Ordnung ist.',
        ja: 'アカウントが有効で問題がないことを知ります。',
        ar: 'معرفة أن حسابك مفتوح وسليم.',
      },
      group: groups.account,
      consent: { mode: 'required', icon: 'person', ...ofBank },
    }),
    scope('telemetry', {
      title: { en: 'Usage figures', de: 'Nutzungszahlen', ja: '利用回数', ar: 'أرقام الاستخدام' },
      description: {
        en: 'Count how often the app is used, without saying by whom.',
        de: 'Zählen, wie oft die App benutzt wird, ohne zu sagen, von wem.',
        ja: '誰が使ったかを示さずに、アプリの利用回数を数えます。',
        ar: 'عدّ مرات استخدام التطبيق دون ذكر من استخدمه.',
      },
      group: groups.account,
      consent: { mode: 'implicit', icon: 'chart' },
    }),
    // Who may ask for it at all is decided by the front-end's policy for clients.
    scope('directory:read', {
      title: {
        en: 'See who you work with',
        de: 'Sehen, mit wem Sie arbeiten',
        ja: '同僚の一覧の閲覧',
        ar: 'الاطّلاع على زملائك في العمل',
      },
      description: {
        en: 'The names and work addresses of the people in your organisation.',
        de: 'Namen und dienstliche Adressen der Menschen in Ihrer Organisation.',
        ja: '組織に所属する人の氏名と業務用アドレス。',
        ar: 'أسماء العاملين في مؤسستك وعناوين عملهم.',
      },
      group: groups.organisation,
      consent: { mode: 'optional', icon: 'person' },
      attributes: { 'policy.affiliation': 'first-party partner' },
    }),
    // Grant Management for OAuth 2.0: what the client may do with the grant that the person gave it.
    scope('grant_management_query', {
      title: {
        en: 'Look up what you allowed',
        de: 'Nachsehen, was Sie erlaubt haben',
        ja: '許可した内容の照会',
        ar: 'الاستعلام عمّا سمحت به',
      },
      description: {
        en: 'The app can look up later what you allowed it.',
        de: 'Die App kann später nachsehen, was Sie ihr erlaubt haben.',
        ja: '許可した内容を、アプリが後で照会できます。',
        ar: 'يمكن للتطبيق أن يستعلم لاحقًا عمّا سمحت له به.',
      },
      group: groups.account,
      consent: { mode: 'implicit' },
    }),
    scope('grant_management_revoke', {
      title: {
        en: 'Give back what you allowed',
        de: 'Zurückgeben, was Sie erlaubt haben',
        ja: '許可の返上',
        ar: 'التخلّي عمّا سمحت به',
      },
      description: {
        en: 'The app can end its own access.',
        de: 'Die App kann ihren eigenen Zugriff beenden.',
        ja: 'アプリが自らのアクセスを終了できます。',
        ar: 'يمكن للتطبيق أن ينهي وصوله بنفسه.',
      },
      group: groups.account,
      consent: { mode: 'implicit' },
    }),
  ]
}

function belongsTo(resource: string | undefined): Record<string, string> {
  return resource === undefined ? {} : { resource }
}

function scope(name: string, { title, description, group, consent, attributes = {} }: DemoScope): Scope {
  const texts = { ...inEveryLanguage('title', title), ...(group && inEveryLanguage('group', group)) }
  const policy = Object.entries({ ...consent, ...texts }).map(([key, value]) => ({ key: `consent.${key}`, value }))
  return {
    name,
    description: description.en,
    descriptions: otherLanguages.map((tag) => ({ tag, value: description[tag] })),
    attributes: [...policy, ...Object.entries(attributes).map(([key, value]) => ({ key, value }))],
  }
}

/** `title` in English, and `title#de` and so on beside it. */
function inEveryLanguage(name: string, texts: Texts): Record<string, string> {
  const translated = otherLanguages.map((tag) => [`${name}#${tag}`, texts[tag]] as const)
  return { [name]: texts.en, ...Object.fromEntries(translated) }
}
