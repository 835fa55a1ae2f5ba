/** The class behind cosmiconfig's public function, whose types the package leaves out. */
declare module 'cosmiconfig/dist/Explorer.js' {
  import type { CommonOptions, CosmiconfigResult, Loader } from 'cosmiconfig'

  /** Looks for a config file in a folder and its parents; nothing of it happens before `search`. */
  export class Explorer {
    constructor(
      options: Omit<CommonOptions, 'packageProp'> & {
        readonly moduleName: string
        readonly loaders: Readonly<Record<string, Loader>>
        readonly transform: (result: CosmiconfigResult) => CosmiconfigResult
        readonly metaConfigFilePath: string | null
        readonly applyPackagePropertyPathToConfiguration: boolean
      },
    )
    search(from: string): Promise<CosmiconfigResult>
  }
}
