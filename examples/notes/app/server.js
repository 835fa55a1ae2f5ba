import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const address = process.env.HOST ?? '0.0.0.0'
const port = Number(process.env.PORT ?? 4200)
// What has to outlive a release goes to where srv says, `/srv/notes/data`; while you develop that is here.
const folder = process.env.SRV_DATA ?? 'data'
const file = join(folder, 'notes.txt')

mkdirSync(folder, { recursive: true })
appendFileSync(file, '')

async function bodyOf(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text.replaceAll(/\s+/g, ' ').trim()
}

const server = createServer(async (request, response) => {
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  if (request.method === 'POST') {
    appendFileSync(file, `${await bodyOf(request)}\n`)
    response.writeHead(201).end('noted\n')
  } else {
    response.end(request.url === '/up' ? 'ok\n' : readFileSync(file))
  }
})

server.listen(port, address, () => {
  console.log(`notes listens on http://${address}:${port}`)
})

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
