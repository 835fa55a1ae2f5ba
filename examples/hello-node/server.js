import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const address = process.env.HOST ?? '0.0.0.0'
const port = Number(process.env.PORT ?? 4000)

/** The deployed commit: `srv` writes it beside the code; while you develop there is none. */
function revision() {
  try {
    return readFileSync(new URL('REVISION', import.meta.url), 'utf8').trim()
  } catch {
    return 'not deployed'
  }
}

// Read once: this process serves the version that it was started from, whatever is deployed beside it later.
const commit = revision()

const server = createServer((request, response) => {
  if (request.url === '/up') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
  } else if (request.url === '/') {
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(`<!doctype html>\n<title>hello-node</title>\n<h1>Hello from hello-node</h1>\n<p>Commit: ${commit}</p>\n`)
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
  }
})

server.listen(port, address, () => {
  console.log(`hello-node ${commit} listens on http://${address}:${port}`)
})

process.on('SIGTERM', () => {
  console.log('hello-node stops: answers what is open, takes nothing new')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
