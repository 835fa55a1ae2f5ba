// Exported

export interface PhasedPlugin {
    readonly name: string;
    readonly phases?: Phases;
}

export declare function healthAgain(placement: Placement, how: HoldMode): Script | undefined;

export declare function healthOnce(placement: Placement): Script;

export declare const holdNative: Hold<unknown>;

export declare const inspectHealth: Inspect;

export declare const inspectRunning: Inspect;

export declare function logsScript(placement: Placement, options: LogOptions): Script;

export declare function psScript(placement: Placement): Script;

export declare const rehearseNative: Rehearse<unknown>;

export declare const stockChecks: readonly Check[];

export declare function stockPipelines(plugins: readonly PhasedPlugin[], hasInPlace?: boolean): Readonly<Record<string, Step>>;

export declare const stockTasks: {
    readonly build: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
    readonly env: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
    readonly start: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
    readonly stop: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
    readonly restart: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
    readonly health: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
    readonly readme: import("../src/index.ts").Task<unknown, "instance", Readonly<Record<never, never>>, void>;
};
