// Shows what Allow would do, while boxes are ticked and text is typed. The server works it out with the code that also decides.
const panel = document.getElementById('preview')
const form = document.getElementById('choices')
let running = new AbortController()

function refresh() {
  running.abort()
  running = new AbortController()
  const { signal } = running
  // One box may tick others, so what the form holds is read after that, once.
  requestAnimationFrame(async () => {
    if (signal.aborted) return
    try {
      const body = new URLSearchParams(new FormData(form))
      const response = await fetch(panel.dataset.from, { method: 'POST', body, signal })
      if (!response.ok) throw new Error(response.status)
      const next = document.createElement('template')
      next.innerHTML = await response.text()
      if (!signal.aborted) show(next.content)
    } catch {
      // An old preview would be a lie.
      if (!signal.aborted) panel.hidden = true
    }
  })
}

function show(content) {
  const [, status, parts] = panel.children
  // A screen reader says the sentence, and only when it is another one.
  const sentence = content.firstElementChild.textContent
  if (status.textContent !== sentence) status.textContent = sentence
  parts.replaceWith(content.lastElementChild)
  panel.hidden = false
}

form.addEventListener('input', refresh)
// A browser that goes back restores the boxes after this script has run.
addEventListener('pageshow', refresh)
