// Exported

export type DumpInput = z.input<typeof dumpSchema>;

export declare function dump(options: Options<'dump'>): DumpInput;

export declare function mysql(options?: Options<'mysql'>): DumpInput;

export declare function postgres(options?: Options<'postgres'>): DumpInput;

export declare function redis(options?: Options<'redis'>): DumpInput;

export declare const rsyncBackup: import("../../src/index.ts").PluginFactory<"backup", import("zod").ZodObject<{
    to: import("zod").ZodUnion<readonly [
        import("zod").ZodUnion<readonly [
            import("zod").ZodString,
            import("zod").ZodString,
            import("zod").ZodObject<{
                folder: import("zod").ZodUnion<readonly [
                    import("zod").ZodString,
                    import("zod").ZodString
                ]>;
                mountpoint: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodLiteral<"/">,
                    import("zod").ZodString
                ]>>;
                way: import("zod").ZodOptional<import("zod").ZodEnum<{
                    push: "push";
                    laptop: "laptop";
                    pull: "pull";
                    auto: "auto";
                }>>;
                from: import("zod").ZodOptional<import("zod").ZodRecord<import("zod").ZodString, import("zod").ZodString>>;
                at: import("zod").ZodOptional<import("zod").ZodString>;
                bwlimit: import("zod").ZodOptional<import("zod").ZodCustom<string | number, string | number>>;
            }, import("zod/v4/core").$strict>,
            import("zod").ZodObject<{
                laptop: import("zod").ZodString;
                mountpoint: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodLiteral<"/">,
                    import("zod").ZodString
                ]>>;
                bwlimit: import("zod").ZodOptional<import("zod").ZodCustom<string | number, string | number>>;
            }, import("zod/v4/core").$strict>
        ]>,
        import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodUnion<readonly [
            import("zod").ZodString,
            import("zod").ZodString,
            import("zod").ZodObject<{
                folder: import("zod").ZodUnion<readonly [
                    import("zod").ZodString,
                    import("zod").ZodString
                ]>;
                mountpoint: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodLiteral<"/">,
                    import("zod").ZodString
                ]>>;
                way: import("zod").ZodOptional<import("zod").ZodEnum<{
                    push: "push";
                    laptop: "laptop";
                    pull: "pull";
                    auto: "auto";
                }>>;
                from: import("zod").ZodOptional<import("zod").ZodRecord<import("zod").ZodString, import("zod").ZodString>>;
                at: import("zod").ZodOptional<import("zod").ZodString>;
                bwlimit: import("zod").ZodOptional<import("zod").ZodCustom<string | number, string | number>>;
            }, import("zod/v4/core").$strict>,
            import("zod").ZodObject<{
                laptop: import("zod").ZodString;
                mountpoint: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodLiteral<"/">,
                    import("zod").ZodString
                ]>>;
                bwlimit: import("zod").ZodOptional<import("zod").ZodCustom<string | number, string | number>>;
            }, import("zod/v4/core").$strict>
        ]>>>
    ]>;
    keep: import("zod").ZodOptional<import("zod").ZodObject<{
        semantics: import("zod").ZodDefault<import("zod").ZodEnum<{
            restic: "restic";
            borg: "borg";
        }>>;
        last: import("zod").ZodOptional<import("zod").ZodInt>;
        hourly: import("zod").ZodOptional<import("zod").ZodInt>;
        daily: import("zod").ZodOptional<import("zod").ZodInt>;
        weekly: import("zod").ZodOptional<import("zod").ZodInt>;
        monthly: import("zod").ZodOptional<import("zod").ZodInt>;
        yearly: import("zod").ZodOptional<import("zod").ZodInt>;
        within: import("zod").ZodOptional<import("zod").ZodString>;
        withinHourly: import("zod").ZodOptional<import("zod").ZodString>;
        withinDaily: import("zod").ZodOptional<import("zod").ZodString>;
        withinWeekly: import("zod").ZodOptional<import("zod").ZodString>;
        withinMonthly: import("zod").ZodOptional<import("zod").ZodString>;
        withinYearly: import("zod").ZodOptional<import("zod").ZodString>;
    }, import("zod/v4/core").$strict>>;
    checksumEvery: import("zod").ZodDefault<import("zod").ZodInt>;
    acls: import("zod").ZodDefault<import("zod").ZodBoolean>;
    xattrs: import("zod").ZodDefault<import("zod").ZodBoolean>;
    beforeDeploy: import("zod").ZodDefault<import("zod").ZodEnum<{
        any: "any";
        all: "all";
    }>>;
    schedule: import("zod").ZodOptional<import("zod").ZodObject<{
        at: import("zod").ZodString;
        randomDelay: import("zod").ZodDefault<import("zod").ZodInt>;
        wait: import("zod").ZodDefault<import("zod").ZodInt>;
        ping: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
            import("zod").ZodUnion<readonly [
                import("zod").ZodString,
                import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>
            ]>,
            import("zod").ZodObject<{
                start: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodString,
                    import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>
                ]>>;
                success: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodString,
                    import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>
                ]>>;
                failure: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
                    import("zod").ZodString,
                    import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>
                ]>>;
            }, import("zod/v4/core").$strict>
        ]>>;
        from: import("zod").ZodDefault<import("zod").ZodRecord<import("zod").ZodString, import("zod").ZodString>>;
    }, import("zod/v4/core").$strict>>;
}, import("zod/v4/core").$strict>, import("zod").ZodPipe<import("zod").ZodTransform<{
    consistency?: "pause" | "stop" | "live" | undefined;
    holdSeconds?: number | undefined;
    dumps?: readonly ({
        kind: "postgres";
        database?: string | undefined;
        format?: "plain" | "custom" | undefined;
        user?: string | undefined;
        host?: string | undefined;
        port?: number | undefined;
        password?: import("../../src/index.ts").Secret | undefined;
        name?: string | undefined;
        in?: string | undefined;
        as?: string | undefined;
    } | {
        kind: "mysql";
        database?: string | undefined;
        user?: string | undefined;
        host?: string | undefined;
        port?: number | undefined;
        password?: import("../../src/index.ts").Secret | undefined;
        name?: string | undefined;
        in?: string | undefined;
        as?: string | undefined;
    } | {
        kind: "sqlite";
        file: string;
        name?: string | undefined;
    } | {
        kind: "redis";
        user?: string | undefined;
        host?: string | undefined;
        port?: number | undefined;
        password?: import("../../src/index.ts").Secret | undefined;
        name?: string | undefined;
        in?: string | undefined;
        as?: string | undefined;
    } | {
        name: string;
        command: string;
        kind: "dump";
        load?: string | undefined;
        extension?: string | undefined;
        in?: string | undefined;
        as?: string | undefined;
    })[] | undefined;
    dumpSeconds?: number | undefined;
    exclude?: readonly string[] | undefined;
    allowEmpty?: boolean | undefined;
    mountpoint?: boolean | readonly string[] | undefined;
    beforeDeploy?: boolean | undefined;
    rehearsal?: {
        assert?: string | undefined;
        timeoutSeconds?: number | undefined;
        start?: string | false | undefined;
        variables?: Record<string, string> | undefined;
    } | undefined;
}, import("./options.ts").SaidSettings>, import("zod").ZodObject<{
    consistency: import("zod").ZodDefault<import("zod").ZodEnum<{
        pause: "pause";
        stop: "stop";
        live: "live";
    }>>;
    holdSeconds: import("zod").ZodDefault<import("zod").ZodInt>;
    dumps: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodDiscriminatedUnion<[
        import("zod").ZodObject<{
            database: import("zod").ZodOptional<import("zod").ZodString>;
            format: import("zod").ZodDefault<import("zod").ZodEnum<{
                plain: "plain";
                custom: "custom";
            }>>;
            user: import("zod").ZodOptional<import("zod").ZodString>;
            host: import("zod").ZodOptional<import("zod").ZodString>;
            port: import("zod").ZodOptional<import("zod").ZodInt>;
            password: import("zod").ZodOptional<import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>>;
            name: import("zod").ZodOptional<import("zod").ZodString>;
            in: import("zod").ZodOptional<import("zod").ZodString>;
            as: import("zod").ZodOptional<import("zod").ZodString>;
            kind: import("zod").ZodLiteral<"postgres">;
        }, import("zod/v4/core").$strict>,
        import("zod").ZodObject<{
            database: import("zod").ZodOptional<import("zod").ZodString>;
            user: import("zod").ZodOptional<import("zod").ZodString>;
            host: import("zod").ZodOptional<import("zod").ZodString>;
            port: import("zod").ZodOptional<import("zod").ZodInt>;
            password: import("zod").ZodOptional<import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>>;
            name: import("zod").ZodOptional<import("zod").ZodString>;
            in: import("zod").ZodOptional<import("zod").ZodString>;
            as: import("zod").ZodOptional<import("zod").ZodString>;
            kind: import("zod").ZodLiteral<"mysql">;
        }, import("zod/v4/core").$strict>,
        import("zod").ZodObject<{
            kind: import("zod").ZodLiteral<"sqlite">;
            name: import("zod").ZodOptional<import("zod").ZodString>;
            file: import("zod").ZodString;
        }, import("zod/v4/core").$strict>,
        import("zod").ZodObject<{
            user: import("zod").ZodOptional<import("zod").ZodString>;
            host: import("zod").ZodOptional<import("zod").ZodString>;
            port: import("zod").ZodOptional<import("zod").ZodInt>;
            password: import("zod").ZodOptional<import("zod").ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>>;
            name: import("zod").ZodOptional<import("zod").ZodString>;
            in: import("zod").ZodOptional<import("zod").ZodString>;
            as: import("zod").ZodOptional<import("zod").ZodString>;
            kind: import("zod").ZodLiteral<"redis">;
        }, import("zod/v4/core").$strict>,
        import("zod").ZodObject<{
            name: import("zod").ZodString;
            command: import("zod").ZodString;
            load: import("zod").ZodOptional<import("zod").ZodString>;
            extension: import("zod").ZodDefault<import("zod").ZodString>;
            in: import("zod").ZodOptional<import("zod").ZodString>;
            as: import("zod").ZodOptional<import("zod").ZodString>;
            kind: import("zod").ZodLiteral<"dump">;
        }, import("zod/v4/core").$strict>
    ], "kind">>>>;
    dumpSeconds: import("zod").ZodDefault<import("zod").ZodInt>;
    exclude: import("zod").ZodDefault<import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>>;
    allowEmpty: import("zod").ZodDefault<import("zod").ZodBoolean>;
    mountpoint: import("zod").ZodDefault<import("zod").ZodUnion<readonly [
        import("zod").ZodBoolean,
        import("zod").ZodReadonly<import("zod").ZodArray<import("zod").ZodString>>
    ]>>;
    beforeDeploy: import("zod").ZodDefault<import("zod").ZodBoolean>;
    rehearsal: import("zod").ZodPrefault<import("zod").ZodObject<{
        assert: import("zod").ZodOptional<import("zod").ZodString>;
        timeoutSeconds: import("zod").ZodDefault<import("zod").ZodInt>;
        start: import("zod").ZodOptional<import("zod").ZodUnion<readonly [
            import("zod").ZodLiteral<false>,
            import("zod").ZodString
        ]>>;
        variables: import("zod").ZodDefault<import("zod").ZodRecord<import("zod").ZodString, import("zod").ZodString>>;
    }, import("zod/v4/core").$strict>>;
}, import("zod/v4/core").$strict>>, {
    snapshot: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly 'allow-shrunk': {
            readonly type: "boolean";
            readonly description: "Accept data that has shrunk to less than half, or lost a mount";
        };
        readonly adopt: {
            readonly type: "boolean";
            readonly description: "Take over snapshots of another machine with this name";
        };
    }, readonly {
        schema: "srv.snapshot/1";
        id: string;
        host: string;
        service: string;
        state: "good" | "suspect";
        pinned: boolean;
        release: string;
        startedAt: string;
        files: number;
        bytes: number;
        newFiles: number;
        newBytes: number;
        checksum: string;
        manifest: string;
        note: string;
        before: string;
        clock?: number | undefined;
    }[]>;
    verify: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly level: {
            readonly type: "string";
            readonly description: "How much to check: quick, sample or full";
            readonly value: "level";
            readonly default: "full";
            readonly check: (said: string | undefined) => void;
        };
        readonly snapshot: {
            readonly type: "string";
            readonly description: "Use this snapshot";
            readonly value: "id";
        };
        readonly at: {
            readonly type: "string";
            readonly description: "Use the newest good snapshot from before this time";
            readonly value: "time";
            readonly check: (at: string | undefined, { snapshot }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, void>;
    prune: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly pin: {
            readonly type: "string";
            readonly description: "Keep this snapshot whatever the rules say";
            readonly value: "id";
        };
        readonly unpin: {
            readonly type: "string";
            readonly description: "Let the rules decide about this snapshot again";
            readonly value: "id";
        };
        readonly unfinished: {
            readonly type: "boolean";
            readonly description: "Remove what failed backups have copied so far";
        };
        readonly 'old-data': {
            readonly type: "boolean";
            readonly description: "Remove what restores left on the hosts: data.before-…, dumps.before-…; no snapshot";
        };
    }, void>;
    'old-data': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly 'old-data': {
            readonly type: "boolean";
            readonly description: "Remove what restores left on the hosts: data.before-…, dumps.before-…; no snapshot";
        };
        readonly 'older-than': {
            readonly type: "string";
            readonly description: "With --old-data: what is that old, 3d or 12h, instead of 7 days";
            readonly value: "time";
            readonly check: (said: string | undefined, { "old-data": isOldData }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, void>;
    stage: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly from: {
            readonly type: "string";
            readonly description: "Use a snapshot of another host";
            readonly value: "host";
            readonly check: (said: string | undefined) => void;
        };
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
        readonly path: {
            readonly type: "string";
            readonly description: "Restore only this file or folder of the data";
            readonly value: "path";
            readonly check: (said: string | undefined) => void;
        };
        readonly dumps: {
            readonly type: "string";
            readonly description: "Which dumps to load: all, none, or their names, comma-separated";
            readonly value: "names";
            readonly default: "all";
        };
        readonly 'without-old-dumps': {
            readonly type: "boolean";
            readonly description: "Do not keep what the databases hold now: for one that cannot be dumped";
        };
        readonly confirm: {
            readonly type: "string";
            readonly description: "Restore over newer data: shop@web1";
            readonly value: "service@host";
        };
        readonly snapshot: {
            readonly type: "string";
            readonly description: "Use this snapshot";
            readonly value: "id";
        };
        readonly at: {
            readonly type: "string";
            readonly description: "Use the newest good snapshot from before this time";
            readonly value: "time";
            readonly check: (at: string | undefined, { snapshot }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, import("./tasks/restore.ts").Staged>;
    swap: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly from: {
            readonly type: "string";
            readonly description: "Use a snapshot of another host";
            readonly value: "host";
            readonly check: (said: string | undefined) => void;
        };
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
        readonly path: {
            readonly type: "string";
            readonly description: "Restore only this file or folder of the data";
            readonly value: "path";
            readonly check: (said: string | undefined) => void;
        };
        readonly dumps: {
            readonly type: "string";
            readonly description: "Which dumps to load: all, none, or their names, comma-separated";
            readonly value: "names";
            readonly default: "all";
        };
        readonly 'without-old-dumps': {
            readonly type: "boolean";
            readonly description: "Do not keep what the databases hold now: for one that cannot be dumped";
        };
        readonly confirm: {
            readonly type: "string";
            readonly description: "Restore over newer data: shop@web1";
            readonly value: "service@host";
        };
        readonly snapshot: {
            readonly type: "string";
            readonly description: "Use this snapshot";
            readonly value: "id";
        };
        readonly at: {
            readonly type: "string";
            readonly description: "Use the newest good snapshot from before this time";
            readonly value: "time";
            readonly check: (at: string | undefined, { snapshot }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, void>;
    settle: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly from: {
            readonly type: "string";
            readonly description: "Use a snapshot of another host";
            readonly value: "host";
            readonly check: (said: string | undefined) => void;
        };
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
        readonly path: {
            readonly type: "string";
            readonly description: "Restore only this file or folder of the data";
            readonly value: "path";
            readonly check: (said: string | undefined) => void;
        };
        readonly dumps: {
            readonly type: "string";
            readonly description: "Which dumps to load: all, none, or their names, comma-separated";
            readonly value: "names";
            readonly default: "all";
        };
        readonly 'without-old-dumps': {
            readonly type: "boolean";
            readonly description: "Do not keep what the databases hold now: for one that cannot be dumped";
        };
        readonly confirm: {
            readonly type: "string";
            readonly description: "Restore over newer data: shop@web1";
            readonly value: "service@host";
        };
        readonly snapshot: {
            readonly type: "string";
            readonly description: "Use this snapshot";
            readonly value: "id";
        };
        readonly at: {
            readonly type: "string";
            readonly description: "Use the newest good snapshot from before this time";
            readonly value: "time";
            readonly check: (at: string | undefined, { snapshot }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, void>;
    rehearse: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly from: {
            readonly type: "string";
            readonly description: "Use a snapshot of another host";
            readonly value: "host";
            readonly check: (said: string | undefined) => void;
        };
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
        readonly snapshot: {
            readonly type: "string";
            readonly description: "Use this snapshot";
            readonly value: "id";
        };
        readonly at: {
            readonly type: "string";
            readonly description: "Use the newest good snapshot from before this time";
            readonly value: "time";
            readonly check: (at: string | undefined, { snapshot }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, {
        schema: "srv.rehearsal/1";
        id: string;
        at: string;
        host: string;
        seconds: number;
        ok: boolean;
        release: string;
        checked: readonly ("release" | "dumps" | "data" | "health" | "assert")[];
        note: string;
    } | undefined>;
    extract: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly from: {
            readonly type: "string";
            readonly description: "Use a snapshot of another host";
            readonly value: "host";
            readonly check: (said: string | undefined) => void;
        };
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
        readonly path: {
            readonly type: "string";
            readonly description: "Restore only this file or folder of the data";
            readonly value: "path";
            readonly check: (said: string | undefined) => void;
        };
        readonly to: {
            readonly type: "string";
            readonly description: "Restore into this folder on the host, which is created; nothing else is touched";
            readonly value: "folder";
            readonly check: (said: string | undefined) => void;
        };
        readonly snapshot: {
            readonly type: "string";
            readonly description: "Use this snapshot";
            readonly value: "id";
        };
        readonly at: {
            readonly type: "string";
            readonly description: "Use the newest good snapshot from before this time";
            readonly value: "time";
            readonly check: (at: string | undefined, { snapshot }: import("../../src/index.ts").SaidFlags) => void;
        };
    }, string>;
    end: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "host", {}, void>;
    'end-brought': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "host", {
        readonly from: {
            readonly type: "string";
            readonly description: "Use a snapshot of another host";
            readonly value: "host";
            readonly check: (said: string | undefined) => void;
        };
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
    }, void>;
    'end-back': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "host", {
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
    }, void>;
    before: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {}, readonly {
        schema: "srv.snapshot/1";
        id: string;
        host: string;
        service: string;
        state: "good" | "suspect";
        pinned: boolean;
        release: string;
        startedAt: string;
        files: number;
        bytes: number;
        newFiles: number;
        newBytes: number;
        checksum: string;
        manifest: string;
        note: string;
        before: string;
        clock?: number | undefined;
    }[]>;
    'end-before': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "host", {}, void>;
    'stage-back': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {
        readonly source: {
            readonly type: "string";
            readonly description: "Take the snapshot from this keeper instead of the first one";
            readonly value: "keeper";
        };
    }, string>;
    'swap-back': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {}, void>;
    'settle-back': import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {}, void>;
    install: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {}, void>;
    remove: import("../../src/index.ts").Task<{
        to: string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        } | readonly (string | {
            folder: string;
            mountpoint?: string | undefined;
            way?: "push" | "laptop" | "pull" | "auto" | undefined;
            from?: Record<string, string> | undefined;
            at?: string | undefined;
            bwlimit?: string | number | undefined;
        } | {
            laptop: string;
            mountpoint?: string | undefined;
            bwlimit?: string | number | undefined;
        })[];
        checksumEvery: number;
        acls: boolean;
        xattrs: boolean;
        beforeDeploy: "any" | "all";
        keep?: {
            semantics: "restic" | "borg";
            last?: number | undefined;
            hourly?: number | undefined;
            daily?: number | undefined;
            weekly?: number | undefined;
            monthly?: number | undefined;
            yearly?: number | undefined;
            within?: string | undefined;
            withinHourly?: string | undefined;
            withinDaily?: string | undefined;
            withinWeekly?: string | undefined;
            withinMonthly?: string | undefined;
            withinYearly?: string | undefined;
        } | undefined;
        schedule?: {
            at: string;
            randomDelay: number;
            wait: number;
            from: Record<string, string>;
            ping?: string | import("../../src/index.ts").Secret | {
                start?: string | import("../../src/index.ts").Secret | undefined;
                success?: string | import("../../src/index.ts").Secret | undefined;
                failure?: string | import("../../src/index.ts").Secret | undefined;
            } | undefined;
        } | undefined;
    }, "instance", {}, readonly string[]>;
}>;

export declare function sqlite(options: Options<'sqlite'>): DumpInput;

// Referred to by the above, not exported

type Dump = z.output<typeof dumpSchema>;

type Options<K extends Dump['kind']> = Omit<Extract<DumpInput, {
    readonly kind: K;
}>, 'kind'>;

type SaidSettings = z.input<typeof settingsObject> | 'before-deploy';

interface Staged {
    readonly id: string;
    readonly begunAt: number;
}

declare const dumpSchema: z.ZodDiscriminatedUnion<[
    z.ZodObject<{
        database: z.ZodOptional<z.ZodString>;
        format: z.ZodDefault<z.ZodEnum<{
            plain: "plain";
            custom: "custom";
        }>>;
        user: z.ZodOptional<z.ZodString>;
        host: z.ZodOptional<z.ZodString>;
        port: z.ZodOptional<z.ZodInt>;
        password: z.ZodOptional<z.ZodCustom<Secret, Secret>>;
        name: z.ZodOptional<z.ZodString>;
        in: z.ZodOptional<z.ZodString>;
        as: z.ZodOptional<z.ZodString>;
        kind: z.ZodLiteral<"postgres">;
    }, z.core.$strict>,
    z.ZodObject<{
        database: z.ZodOptional<z.ZodString>;
        user: z.ZodOptional<z.ZodString>;
        host: z.ZodOptional<z.ZodString>;
        port: z.ZodOptional<z.ZodInt>;
        password: z.ZodOptional<z.ZodCustom<Secret, Secret>>;
        name: z.ZodOptional<z.ZodString>;
        in: z.ZodOptional<z.ZodString>;
        as: z.ZodOptional<z.ZodString>;
        kind: z.ZodLiteral<"mysql">;
    }, z.core.$strict>,
    z.ZodObject<{
        kind: z.ZodLiteral<"sqlite">;
        name: z.ZodOptional<z.ZodString>;
        file: z.ZodString;
    }, z.core.$strict>,
    z.ZodObject<{
        user: z.ZodOptional<z.ZodString>;
        host: z.ZodOptional<z.ZodString>;
        port: z.ZodOptional<z.ZodInt>;
        password: z.ZodOptional<z.ZodCustom<Secret, Secret>>;
        name: z.ZodOptional<z.ZodString>;
        in: z.ZodOptional<z.ZodString>;
        as: z.ZodOptional<z.ZodString>;
        kind: z.ZodLiteral<"redis">;
    }, z.core.$strict>,
    z.ZodObject<{
        name: z.ZodString;
        command: z.ZodString;
        load: z.ZodOptional<z.ZodString>;
        extension: z.ZodDefault<z.ZodString>;
        in: z.ZodOptional<z.ZodString>;
        as: z.ZodOptional<z.ZodString>;
        kind: z.ZodLiteral<"dump">;
    }, z.core.$strict>
], "kind">;

declare const settingsObject: z.ZodObject<{
    consistency: z.ZodDefault<z.ZodEnum<{
        pause: "pause";
        stop: "stop";
        live: "live";
    }>>;
    holdSeconds: z.ZodDefault<z.ZodInt>;
    dumps: z.ZodDefault<z.ZodReadonly<z.ZodArray<z.ZodDiscriminatedUnion<[
        z.ZodObject<{
            database: z.ZodOptional<z.ZodString>;
            format: z.ZodDefault<z.ZodEnum<{
                plain: "plain";
                custom: "custom";
            }>>;
            user: z.ZodOptional<z.ZodString>;
            host: z.ZodOptional<z.ZodString>;
            port: z.ZodOptional<z.ZodInt>;
            password: z.ZodOptional<z.ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>>;
            name: z.ZodOptional<z.ZodString>;
            in: z.ZodOptional<z.ZodString>;
            as: z.ZodOptional<z.ZodString>;
            kind: z.ZodLiteral<"postgres">;
        }, z.core.$strict>,
        z.ZodObject<{
            database: z.ZodOptional<z.ZodString>;
            user: z.ZodOptional<z.ZodString>;
            host: z.ZodOptional<z.ZodString>;
            port: z.ZodOptional<z.ZodInt>;
            password: z.ZodOptional<z.ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>>;
            name: z.ZodOptional<z.ZodString>;
            in: z.ZodOptional<z.ZodString>;
            as: z.ZodOptional<z.ZodString>;
            kind: z.ZodLiteral<"mysql">;
        }, z.core.$strict>,
        z.ZodObject<{
            kind: z.ZodLiteral<"sqlite">;
            name: z.ZodOptional<z.ZodString>;
            file: z.ZodString;
        }, z.core.$strict>,
        z.ZodObject<{
            user: z.ZodOptional<z.ZodString>;
            host: z.ZodOptional<z.ZodString>;
            port: z.ZodOptional<z.ZodInt>;
            password: z.ZodOptional<z.ZodCustom<import("../../src/index.ts").Secret, import("../../src/index.ts").Secret>>;
            name: z.ZodOptional<z.ZodString>;
            in: z.ZodOptional<z.ZodString>;
            as: z.ZodOptional<z.ZodString>;
            kind: z.ZodLiteral<"redis">;
        }, z.core.$strict>,
        z.ZodObject<{
            name: z.ZodString;
            command: z.ZodString;
            load: z.ZodOptional<z.ZodString>;
            extension: z.ZodDefault<z.ZodString>;
            in: z.ZodOptional<z.ZodString>;
            as: z.ZodOptional<z.ZodString>;
            kind: z.ZodLiteral<"dump">;
        }, z.core.$strict>
    ], "kind">>>>;
    dumpSeconds: z.ZodDefault<z.ZodInt>;
    exclude: z.ZodDefault<z.ZodReadonly<z.ZodArray<z.ZodString>>>;
    allowEmpty: z.ZodDefault<z.ZodBoolean>;
    mountpoint: z.ZodDefault<z.ZodUnion<readonly [
        z.ZodBoolean,
        z.ZodReadonly<z.ZodArray<z.ZodString>>
    ]>>;
    beforeDeploy: z.ZodDefault<z.ZodBoolean>;
    rehearsal: z.ZodPrefault<z.ZodObject<{
        assert: z.ZodOptional<z.ZodString>;
        timeoutSeconds: z.ZodDefault<z.ZodInt>;
        start: z.ZodOptional<z.ZodUnion<readonly [
            z.ZodLiteral<false>,
            z.ZodString
        ]>>;
        variables: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    }, z.core.$strict>>;
}, z.core.$strict>;
