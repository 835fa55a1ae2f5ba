/**
 * Compiles every `ts` block of the documentation against the built package, as a reader's editor would: a block is a
 * whole module. A first line `// name.ts` gives it a name, by which later blocks of the same page import it.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')
const plugins = readdirSync(join(root, 'plugins')).map((name) => `plugins/${name}/README.md`)
const docs = readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)
const pages = ['README.md', 'CONTRIBUTING.md', ...docs, ...plugins].filter((page) =>
  ts.sys.fileExists(join(root, page)),
)

/** The blocks of a page by the paths that they would have, with the lines of the page before them blank: errors then say where. */
function blocksOf(page) {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((found, index) => {
    const line = text.slice(0, found.index).split('\n').length
    const name = /^\/\/ (\S+\.ts)\n/.exec(found[1])?.[1] ?? `block-${String(index + 1)}.ts`
    const path = join(root, `${page.replace(/\.md$/, '')}.blocks`, name)
    return { page, path, text: `${'\n'.repeat(line)}${found[1]}` }
  })
}

const blocks = pages.flatMap(blocksOf)
const byPath = new Map(blocks.map((block) => [block.path, block]))

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
)
// What is checked is the package that was built, not the sources that would be found for it.
const host = ts.createCompilerHost({ ...options, rootDir: undefined, outDir: undefined })
const { fileExists, readFile, getSourceFile } = host
host.fileExists = (path) => byPath.has(resolve(path)) || fileExists(path)
host.readFile = (path) => byPath.get(resolve(path))?.text ?? readFile(path)
host.getSourceFile = (path, version, ...rest) => {
  const block = byPath.get(resolve(path))
  return block === undefined
    ? getSourceFile(path, version, ...rest)
    : ts.createSourceFile(path, block.text, version, true)
}
host.getCurrentDirectory = () => root
// The folders of the blocks exist nowhere: without this, resolution does not look into them.
host.directoryExists = undefined

const program = ts.createProgram([...byPath.keys()], { ...options, rootDir: undefined, outDir: undefined }, host)
const problems = ts.getPreEmitDiagnostics(program)
for (const { file, start = 0, messageText } of problems) {
  const block = file && byPath.get(resolve(file.fileName))
  const place = block?.page ?? (file && relative(root, file.fileName)) ?? ''
  const line = file ? `:${String(file.getLineAndCharacterOfPosition(start).line + 1)}` : ''
  console.error(`${place}${line} ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`)
}
if (blocks.length === 0) console.error('No page has a ts block: the pattern that finds them is wrong.')
process.exitCode = problems.length > 0 || blocks.length === 0 ? 1 : 0
