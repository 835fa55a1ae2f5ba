import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('dist', import.meta.url))
const address = process.env.HOST ?? '0.0.0.0'
const port = Number(process.env.PORT ?? 4100)
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}

/** The file behind a request, or nothing; a normalised absolute path cannot climb out of the folder. */
function fileOf(url) {
  try {
    const { pathname } = new URL(url, 'http://site')
    const path = normalize(decodeURIComponent(pathname))
    const file = join(root, path.endsWith('/') ? join(path, 'index.html') : path)
    return statSync(file).isFile() ? file : undefined
  } catch {
    return undefined
  }
}

const server = createServer((request, response) => {
  const file = fileOf(request.url)
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
    return
  }
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
})

server.listen(port, address, () => console.log(`hello-static listens on http://${address}:${port}`))
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
