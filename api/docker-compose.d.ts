// Exported

export declare const dockerCompose: import("../../src/index.ts").PluginFactory<"compose", import("zod").ZodObject<{
    keep: import("zod").ZodDefault<import("zod").ZodInt>;
    monitorMs: import("zod").ZodDefault<import("zod").ZodInt>;
    timeoutMs: import("zod").ZodDefault<import("zod").ZodInt>;
    drainMs: import("zod").ZodDefault<import("zod").ZodInt>;
}, import("zod/v4/core").$strict>, import("zod").ZodObject<{
    image: import("zod").ZodOptional<import("zod").ZodString>;
    ports: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    volumes: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    command: import("zod").ZodOptional<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    files: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    profiles: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    envFiles: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    project: import("zod").ZodOptional<import("zod").ZodString>;
    build: import("zod").ZodDefault<import("zod").ZodEnum<{
        host: "host";
        laptop: "laptop";
    }>>;
    platform: import("zod").ZodOptional<import("zod").ZodString>;
    registry: import("zod").ZodOptional<import("zod").ZodString>;
    pull: import("zod").ZodDefault<import("zod").ZodEnum<{
        missing: "missing";
        always: "always";
    }>>;
    overlap: import("zod").ZodDefault<import("zod").ZodUnion<readonly [
        import("zod").ZodBoolean,
        import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>
    ]>>;
    proxy: import("zod").ZodDefault<import("zod").ZodRecord<import("zod").ZodString, import("zod").ZodDiscriminatedUnion<[
        import("zod").ZodObject<{
            kind: import("zod").ZodLiteral<"nginx">;
            port: import("zod").ZodInt;
            upstream: import("zod").ZodOptional<import("zod").ZodString>;
            file: import("zod").ZodOptional<import("zod").ZodString>;
        }, import("zod/v4/core").$strict>,
        import("zod").ZodObject<{
            kind: import("zod").ZodLiteral<"caddy">;
            port: import("zod").ZodInt;
            snippet: import("zod").ZodOptional<import("zod").ZodString>;
            file: import("zod").ZodOptional<import("zod").ZodString>;
        }, import("zod/v4/core").$strict>,
        import("zod").ZodObject<{
            kind: import("zod").ZodLiteral<"labels">;
            drain: import("zod").ZodOptional<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
        }, import("zod/v4/core").$strict>
    ], "kind">>>;
    keep: import("zod").ZodOptional<import("zod").ZodInt>;
    monitorMs: import("zod").ZodOptional<import("zod").ZodInt>;
    timeoutMs: import("zod").ZodOptional<import("zod").ZodInt>;
    drainMs: import("zod").ZodOptional<import("zod").ZodInt>;
}, import("zod/v4/core").$strict>, {
    look: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    render: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    build: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, import("./images/lacking.ts").Held>;
    collect: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, {
        isFrozen: boolean;
    }>;
    pack: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "once", {}, import("./tasks/images.ts").Packed>;
    spread: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, import("./tasks/images.ts").Sent>;
    get: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    freeze: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    regain: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    up: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    prune: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, {
        removed: number;
    }>;
    restart: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    start: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    stop: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
    scale: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {
        readonly replicas: {
            readonly type: "string";
            readonly description: "How many containers each service has";
            readonly value: "service=number,…";
            readonly check: (said: string | undefined) => void;
        };
    }, void>;
    aim: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "once", {}, Readonly<Record<string, import("./tasks/aim.ts").Found>>>;
    even: import("../../src/index.ts").Task<{
        keep: number;
        monitorMs: number;
        timeoutMs: number;
        drainMs: number;
    }, "instance", {}, void>;
}>;

// Referred to by the above, not exported

interface ArchivedImage {
    readonly id: string;
    readonly tags: readonly string[];
    readonly layers: readonly ArchivedLayer[];
}

interface ArchivedLayer {
    readonly file: string;
    readonly chain: string;
}

interface Found extends Strangers {
    readonly isUneven: boolean;
}

interface Held {
    readonly images: ReadonlySet<string>;
    readonly chains: ReadonlySet<string>;
    readonly takesParts: boolean;
}

interface Packed {
    readonly parcels: Readonly<Record<string, Parcel>>;
    readonly waiting: Set<string>;
}

interface Parcel {
    readonly folder: string;
    readonly images: readonly ArchivedImage[];
}

interface Sent {
    readonly isFrozen: boolean;
    readonly tags: readonly (readonly [
        id: string,
        tag: string
    ])[];
}

interface Strangers {
    readonly ready: readonly string[];
    readonly away: readonly string[];
}
