/**
 * Bundles the program: `node packaging/build.mjs [source folder] [output folder]`. Dependencies written as CommonJS
 * ask for `require` of what node has, and for `__filename`: the banner gives them both.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { notices } from './notices.mjs'

const root = join(import.meta.dirname, '..')
const [source = join(root, 'src'), outdir = join(root, 'dist')] = process.argv.slice(2)

/** The SDK's server loads ajv for a check that `mcp/form-validator.ts` makes instead: a third of the bundle. */
const withoutAjv = {
  name: 'without ajv',
  setup({ onLoad }) {
    const contents =
      "export class AjvJsonSchemaValidator { constructor() { throw new Error('ajv is not in the bundle') } }"
    onLoad({ filter: /sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({ contents }))
  },
}

/** Says of the SDK's schemas that making one has no side effect, so that those that nothing uses are left out. */
const pureSchemas = {
  name: 'pure schemas',
  setup({ onLoad }) {
    const makes = /\b(z\.\w+\(|\w+Schema\.(extend|merge|or|and|optional|omit|pick|partial)\()/g
    onLoad({ filter: /sdk[\\/]dist[\\/]esm[\\/](.+[\\/])?types\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(makes, '/* @__PURE__ */ $1'),
    }))
  },
}

/** Evaluates `*.macro.ts` when the bundle is built: it holds their exports as JSON. */
const macro = {
  name: 'macro',
  setup({ onLoad }) {
    onLoad({ filter: /\.macro\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        format: 'esm',
        platform: 'node',
        write: false,
      })
      const exports = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)
      const lines = Object.entries(exports).map(
        ([name, value]) => `export const ${name} = JSON.parse(${JSON.stringify(JSON.stringify(value))})`,
      )
      return { contents: lines.join('\n') }
    })
  },
}

/**
 * Everything that a started server loads stays in one chunk: a module that is loaded later is bundled as if it imported
 * `main.ts` first. Otherwise each way to share modules makes a file, and each file costs at the start.
 */
const oneServerChunk = {
  name: 'one server chunk',
  setup({ onLoad, onResolve, resolve }) {
    const main = JSON.stringify(join(source, 'main.ts'))
    onResolve({ filter: /^\..*\.ts$/ }, async ({ path, kind, importer, resolveDir }) => {
      if (kind !== 'dynamic-import' || /[\\/](bin\.ts|sandbox[\\/].*)$/.test(importer)) return
      const found = await resolve(path, { kind: 'import-statement', importer, resolveDir })
      return { path: found.path, namespace: 'later' }
    })
    onLoad({ filter: /./, namespace: 'later' }, ({ path }) => ({
      contents: `import ${main}; export * from ${JSON.stringify(path)}`,
      resolveDir: dirname(path),
    }))
  },
}

await rm(outdir, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: { main: join(source, 'bin.ts'), sandbox: join(source, 'sandbox', 'cli.ts') },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Names stay as they are, for the log of a mistake; keeping those of minified code costs 4 MB at run time.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  // Its main file asks for its parts in a way that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'none',
  // A crash prints the source line it came from.
  lineLimit: 160,
  metafile: true,
  logLevel: 'warning',
  plugins: [withoutAjv, pureSchemas, macro, oneServerChunk],
  banner: { js: 'const require=process.getBuiltinModule,__filename=import.meta.filename;' },
})
await writeFile(join(outdir, 'THIRD-PARTY-NOTICES.txt'), await notices(root, metafile))
