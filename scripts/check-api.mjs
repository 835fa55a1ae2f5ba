/**
 * Compares what the package exports with the snapshots in `api/`, so that a change of the public API is seen in review.
 *
 *   node scripts/check-api.mjs            fails when they differ
 *   node scripts/check-api.mjs --update   writes the snapshots
 *
 * A snapshot holds the types of one entry point: first what it exports, then what those refer to, by name, without
 * comments. So it changes when the API does, and not when a file is moved or a sentence is mended.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, 'api')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The declaration files of the whole build, by path as they would be in dist, never written. */
function emitDeclarations() {
  const file = join(root, 'tsconfig.build.json')
  const config = ts.getParsedCommandLineOfConfigFile(
    file,
    { emitDeclarationOnly: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail },
  )
  const emitted = new Map()
  const program = ts.createProgram(config.fileNames, config.options)
  program.emit(undefined, (path, text) => emitted.set(resolve(path), text))
  return emitted
}

function fail(diagnostic) {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
}

/** A program over declaration files that are only in memory. */
function programOver(files, entries) {
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
    strict: true,
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => files.has(resolve(path)) || fileExists(path)
  host.readFile = (path) => files.get(resolve(path)) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = files.get(resolve(path))
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version, true)
  }
  // Folders that were never written exist nowhere: without this, resolution does not look into them.
  host.directoryExists = undefined
  return ts.createProgram(entries, options, host)
}

const printer = ts.createPrinter({ removeComments: true })

/** The declaration that stands alone in a file: a variable's statement, not its name. */
function statementOf(declaration) {
  let node = declaration
  while (node.parent && !ts.isSourceFile(node.parent)) node = node.parent
  return node
}

/** The text of one entry point's snapshot. What the snapshots before it have shown, and `shown` holds, it only refers to. */
function snapshot(program, entry, shown) {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(entry)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error(`${entry} is no module, or was not built`)
  const unalias = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
  const isOurs = (declaration) => {
    const path = resolve(declaration.getSourceFile().fileName)
    return path.startsWith(join(root, 'dist') + sep)
  }

  const texts = new Map()
  const write = (name, symbol) => {
    const statements = new Set((symbol.declarations ?? []).filter(isOurs).map(statementOf))
    if (statements.size === 0) return []
    const key = symbol.name === name ? name : `${name} (${symbol.name})`
    texts.set(
      key,
      [...statements].map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())).join('\n'),
    )
    return [...statements]
  }
  /** The symbols of this package that a declaration names. */
  const namedIn = (node, found = new Set()) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node)
      const target = symbol && unalias(symbol)
      const declaration = target?.declarations?.[0]
      if (
        declaration &&
        isOurs(declaration) &&
        ts.isSourceFile(statementOf(declaration).parent) &&
        isTopLevel(declaration)
      )
        found.add(target)
    }
    ts.forEachChild(node, (child) => void namedIn(child, found))
    return found
  }

  const seen = new Set()
  const queue = []
  const visit = (name, symbol) => {
    if (seen.has(symbol)) return
    seen.add(symbol)
    shown.add(symbol)
    for (const statement of write(name, symbol)) queue.push(...namedIn(statement))
  }
  for (const symbol of checker.getExportsOfModule(module)) visit(symbol.name, unalias(symbol))
  const exported = [...texts.keys()].sort()
  const exportedTexts = exported.map((name) => texts.get(name))
  texts.clear()
  while (queue.length > 0) {
    const symbol = queue.shift()
    if (!shown.has(symbol)) visit(symbol.name, symbol)
  }
  const reached = [...texts.keys()].sort().map((name) => texts.get(name).replace(/^export /gm, ''))
  const parts = ['// Exported', ...exportedTexts]
  if (reached.length > 0) parts.push('// Referred to by the above, not exported', ...reached)
  return parts.join('\n\n') + '\n'
}

/** Whether a declaration is a statement of its file, not a member or a parameter. */
function isTopLevel(declaration) {
  const statement = statementOf(declaration)
  return (
    declaration === statement ||
    (ts.isVariableStatement(statement) &&
      ts.isVariableDeclaration(declaration) &&
      declaration.parent.parent === statement)
  )
}

const files = emitDeclarations()
const entries = Object.entries(exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([name, target]) => ({
    file: `${name === '.' ? 'index' : name.slice(2)}.d.ts`,
    path: resolve(root, target.types),
  }))
const program = programOver(
  files,
  entries.map(({ path }) => path),
)
const shown = new Set()
const wanted = new Map(entries.map(({ file, path }) => [file, snapshot(program, path, shown)]))

if (process.argv.includes('--update')) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [file, text] of wanted) writeFileSync(join(folder, file), text)
  process.exit(0)
}

const read = (file) => {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    return ''
  }
}
const present = new Set([...wanted.keys()])
try {
  for (const file of readdirSync(folder)) present.add(file)
} catch {
  // No snapshots at all: every entry point differs.
}
const changed = [...present].filter((file) => read(file) !== (wanted.get(file) ?? ''))
for (const file of changed) {
  const before = new Set(read(file).split('\n'))
  const after = new Set((wanted.get(file) ?? '').split('\n'))
  console.error(`api/${file} differs from what the package exports:`)
  const lines = [
    ...[...before].filter((line) => !after.has(line)).map((line) => `  - ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `  + ${line}`),
  ]
  for (const line of lines.slice(0, 40)) console.error(line)
  if (lines.length > 40) console.error(`  … ${lines.length - 40} lines more`)
}
if (changed.length > 0) {
  console.error('\nThe public API changed. When that is meant, run: node scripts/check-api.mjs --update')
  process.exit(1)
}
