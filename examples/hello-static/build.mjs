import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Builds the site: `src/index.html` with the deployed commit in it becomes `dist/index.html`. */
const here = (path) => new URL(path, import.meta.url)

const commit = existsSync(here('REVISION')) ? readFileSync(here('REVISION'), 'utf8').trim() : 'not deployed'
const page = readFileSync(here('src/index.html'), 'utf8').replace('{{commit}}', commit)
mkdirSync(here('dist'), { recursive: true })
writeFileSync(here('dist/index.html'), page)
console.log(`built dist/index.html at ${commit}`)
