// Everything works without this file. It adds what only a script can do: see at once, tick at once, copy at once.
const all = (selector, root = document) => [...root.querySelectorAll(selector)]

for (const button of all('[data-no-script]')) button.hidden = true

// One box per group that ticks the others. Sensitive permissions are left out: they are ticked one by one or not at all.
for (const box of all('[data-select-all]')) {
  const others = all('[name=scope]:not([data-sensitive])', box.closest('fieldset'))
  const show = () => {
    const ticked = others.filter((other) => other.checked).length
    box.checked = ticked === others.length
    box.indeterminate = ticked > 0 && ticked < others.length
  }
  box.addEventListener('change', () => {
    for (const other of others) other.checked = box.checked
    tally()
  })
  for (const other of others) other.addEventListener('change', show)
  // A browser that goes back restores the boxes after this script has run.
  addEventListener('pageshow', show)
  box.closest('label').hidden = others.length < 2
}

const line = document.querySelector('[data-tally]')
const boxes = all('[name=scope], [name=claim]')

function tally() {
  if (line) line.textContent = line.dataset.tally.replace('#', boxes.filter((box) => box.checked).length)
}

for (const box of boxes) box.addEventListener('change', tally)
addEventListener('pageshow', tally)

for (const button of all('[data-show]')) {
  const field = document.getElementById(button.dataset.show)
  const words = [button.textContent, button.dataset.on]
  button.hidden = false
  button.addEventListener('click', () => {
    const isShown = field.type === 'text'
    field.type = isShown ? 'password' : 'text'
    button.textContent = words[isShown ? 0 : 1]
  })
  // A field that is sent as text may be kept by the browser as one.
  field.form.addEventListener('submit', () => (field.type = 'password'))
}

for (const button of all('[data-copy]')) {
  button.hidden = !navigator.clipboard
  button.addEventListener('click', async () => {
    const lines = all('div', document.getElementById(button.dataset.copy))
    await navigator.clipboard.writeText(
      lines.map((row) => [...row.children].map((cell) => cell.textContent).join(': ')).join('\n'),
    )
    button.textContent = button.dataset.done
  })
}
