// WebAuthn: signs in with a passkey, and adds one. What it serves stays hidden without it, and in browsers that cannot do it.
const Credential = globalThis.PublicKeyCredential
const [form] = document.querySelectorAll('form[data-passkey]')

/** The browser asks for one passkey at a time: what is begun later ends what was begun before. */
let running = new AbortController()

if (Credential) {
  for (const part of document.querySelectorAll('[data-passkey]')) part.hidden = false
  form?.addEventListener('submit', async (event) => {
    event.preventDefault()
    await perform()
  })
  if (form?.dataset.passkey === 'get') offerInField()
}

async function perform(mediation) {
  running.abort()
  running = new AbortController()
  const { signal } = running
  const status = form.querySelector('[role=status]')
  if (!mediation) status.textContent = ''
  try {
    const answer = await fetch(form.dataset.options, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      signal,
    })
    if (!answer.ok) {
      // The page is too old: it belongs to another session, or the sign-in was too long ago.
      if (!mediation) location.assign(form.dataset.again ?? location.href)
      return
    }
    const credential = await ceremonies[form.dataset.passkey](await answer.json(), { signal, mediation })
    form.elements.credential.value = JSON.stringify(jsonOf(credential))
    form.submit()
  } catch {
    if (signal.aborted || mediation) return
    status.textContent = form.dataset.problem
    if (form.dataset.passkey === 'get') offerInField()
  }
}

/** Passkeys among the suggestions for the username. Challenges last five minutes, so there is a new one every four, for twenty. */
async function offerInField() {
  const before = running
  const canSuggest = await Credential.isConditionalMediationAvailable?.()
  // Whoever has pressed the button meanwhile needs no suggestion.
  if (!canSuggest || running !== before) return
  for (let minutes = 0; minutes < 20; minutes += 4) {
    perform('conditional')
    const { signal } = running
    await new Promise((resolve) => setTimeout(resolve, 4 * 60_000))
    if (signal.aborted) return
  }
  running.abort()
}

const ceremonies = {
  get: (options, { signal, mediation }) =>
    navigator.credentials.get({ publicKey: requestOptions(options), signal, ...(mediation && { mediation }) }),
  create: (options, { signal }) => navigator.credentials.create({ publicKey: creationOptions(options), signal }),
}

// WebAuthn §5.1.8 to §5.1.10 in a browser that has them, by hand in all others.

function requestOptions(options) {
  return Credential.parseRequestOptionsFromJSON?.(options) ?? { ...options, challenge: bytesOf(options.challenge) }
}

function creationOptions(options) {
  return (
    Credential.parseCreationOptionsFromJSON?.(options) ?? {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: options.excludeCredentials.map((other) => ({ ...other, id: bytesOf(other.id) })),
    }
  )
}

function jsonOf(credential) {
  if (credential.toJSON) return credential.toJSON()
  const { id, type, response } = credential
  const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const texts = names.filter((name) => response[name]).map((name) => [name, textOf(response[name])])
  const transports = response.getTransports && { transports: response.getTransports() }
  return { id, rawId: id, type, clientExtensionResults: {}, response: { ...Object.fromEntries(texts), ...transports } }
}

function bytesOf(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

function textOf(bytes) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
