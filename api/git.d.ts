// Exported

export declare const git: import("../../src/index.ts").PluginFactory<"git", import("zod").ZodObject<{
    strategy: import("zod").ZodDefault<import("zod").ZodEnum<{
        releases: "releases";
        "in-place": "in-place";
    }>>;
    source: import("zod").ZodOptional<import("zod").ZodEnum<{
        none: "none";
        files: "files";
        push: "push";
        remote: "remote";
    }>>;
    keep: import("zod").ZodDefault<import("zod").ZodInt>;
    reset: import("zod").ZodDefault<import("zod").ZodBoolean>;
}, import("zod/v4/core").$strict>, import("zod").ZodObject<{
    strategy: import("zod").ZodOptional<import("zod").ZodEnum<{
        releases: "releases";
        "in-place": "in-place";
    }>>;
    source: import("zod").ZodOptional<import("zod").ZodEnum<{
        none: "none";
        files: "files";
        push: "push";
        remote: "remote";
    }>>;
    keep: import("zod").ZodOptional<import("zod").ZodInt>;
    reset: import("zod").ZodOptional<import("zod").ZodBoolean>;
    path: import("zod").ZodOptional<import("zod").ZodString>;
    shared: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
}, import("zod/v4/core").$strict>, {
    resolve: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "once", {
        readonly ref: {
            readonly type: "string";
            readonly description: "Deploy this branch, tag or commit";
            readonly value: "branch|tag|commit";
        };
    }, import("./tasks/resolve.ts").Resolution>;
    push: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "instance", {}, void>;
    fetch: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "instance", {}, void>;
    link: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "instance", {}, void>;
    switch: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "instance", {}, void>;
    record: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "instance", {}, void>;
    prune: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "instance", {}, {
        removed: number;
    }>;
    select: import("../../src/index.ts").Task<{
        strategy: "releases" | "in-place";
        keep: number;
        reset: boolean;
        source?: "none" | "files" | "push" | "remote" | undefined;
    }, "once", {
        readonly to: {
            readonly type: "string";
            readonly description: "Go back to this release";
            readonly value: "release";
        };
    }, void>;
}>;

// Referred to by the above, not exported

interface Resolution {
    readonly warnings: readonly string[];
    readonly branches: Readonly<Record<string, string>>;
}
