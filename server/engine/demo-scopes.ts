import type { Scope } from '../../sdk/types.ts'

/** One scope for each thing that the consent page can show. */
export const demoScopes: Scope[] = [
  scope(
    'openid',
    {
      en: 'An identifier for your account, and when you signed in.',
      de: 'Eine Kennung Ihres Kontos und wann Sie sich angemeldet haben.',
      ja: 'アカウントの識別子と、サインインした日時。',
    },
    { mode: 'required', title: 'Confirm who you are', icon: 'person' },
  ),
  scope(
    'profile',
    {
      en: 'Your name and what else is in your profile.',
      de: 'Ihr Name und was sonst in Ihrem Profil steht.',
      ja: '氏名とプロフィールのその他の項目。',
    },
    { mode: 'optional', title: 'See your profile', icon: 'person' },
  ),
  scope(
    'email',
    {
      en: 'Your email address and whether it is confirmed.',
      de: 'Ihre E-Mail-Adresse und ob sie bestätigt ist.',
      ja: 'メールアドレスと、確認済みかどうか。',
    },
    { mode: 'optional', title: 'See your email address', icon: 'mail' },
  ),
  scope(
    'phone',
    {
      en: 'Your phone number and whether it is confirmed.',
      de: 'Ihre Telefonnummer und ob sie bestätigt ist.',
      ja: '電話番号と、確認済みかどうか。',
    },
    { mode: 'optional', title: 'See your phone number', icon: 'phone' },
  ),
  scope(
    'address',
    { en: 'Your postal address.', de: 'Ihre Postanschrift.', ja: '住所。' },
    { mode: 'optional', title: 'See your postal address', icon: 'home' },
  ),
  scope(
    'offline_access',
    {
      en: 'Access goes on while you are away, until you end it.',
      de: 'Der Zugriff besteht weiter, während Sie abwesend sind, bis Sie ihn beenden.',
      ja: '終了するまで、不在の間もアクセスが続きます。',
    },
    { mode: 'optional', title: 'Keep access when you are not using the app', icon: 'clock' },
  ),
  scope(
    'notes:read',
    { en: 'Read all notes that you keep.', de: 'Alle Ihre Notizen lesen.', ja: 'あなたのメモをすべて読みます。' },
    { mode: 'optional', group: 'Notes', title: 'See your notes', icon: 'note' },
  ),
  scope(
    'notes:write',
    {
      en: 'Add notes, and change or delete those that you keep.',
      de: 'Notizen anlegen und Ihre vorhandenen ändern oder löschen.',
      ja: 'メモを追加し、既存のメモを変更・削除します。',
    },
    { mode: 'optional', group: 'Notes', title: 'Add and change notes', icon: 'note', implies: 'notes:read' },
  ),
  scope(
    'calendar:read',
    {
      en: 'See the titles, times and places of your appointments.',
      de: 'Titel, Zeiten und Orte Ihrer Termine sehen.',
      ja: '予定の件名、日時、場所を見ます。',
    },
    { mode: 'optional', group: 'Calendar', title: 'See your calendar', icon: 'calendar' },
  ),
  scope(
    'payments:send',
    {
      en: 'Send payments from your account.',
      de: 'Zahlungen von Ihrem Konto senden.',
      ja: 'あなたの口座から支払いを送ります。',
    },
    { mode: 'optional', sensitive: 'true', group: 'Payments', title: 'Send payments', icon: 'card' },
  ),
  scope(
    'account:basic',
    {
      en: 'Know that your account is open and in good standing.',
      de: 'Wissen, dass Ihr Konto besteht und in Ordnung ist.',
      ja: 'アカウントが有効で問題がないことを知ります。',
    },
    { mode: 'required', group: 'Account', title: 'See the state of your account', icon: 'person' },
  ),
  scope(
    'telemetry',
    {
      en: 'Count how often the app is used, without saying by whom.',
      de: 'Zählen, wie oft die App benutzt wird, ohne zu sagen, von wem.',
      ja: '誰が使ったかを示さずに、アプリの利用回数を数えます。',
    },
    { mode: 'implicit', group: 'Account', title: 'Usage figures', icon: 'chart' },
  ),
]

/** A scope with its texts in English, German and Japanese, and its policy. */
function scope(name: string, texts: { en: string; de: string; ja: string }, policy: Record<string, string>): Scope {
  return {
    name,
    description: texts.en,
    descriptions: [
      { tag: 'de', value: texts.de },
      { tag: 'ja', value: texts.ja },
    ],
    attributes: Object.entries(policy).map(([key, value]) => ({ key: `consent.${key}`, value })),
  }
}
