// Loaded with `--import` into a server that is measured, whoever wrote it: answers each message with what the process has cost so far.
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ microseconds: user + system, rss: process.memoryUsage.rss() })
})
