// Exported

export type Answers = Readonly<Record<string, string | Partial<Answer>>>;

export interface PlacementInput {
    readonly host?: string | (Partial<Host> & {
        readonly name: string;
    });
    readonly service?: string;
    readonly orchestrator?: Orchestrator;
    readonly instance?: Partial<Omit<Instance, 'id' | 'service'>>;
}

export interface Situation extends PlacementInput {
    readonly settings?: unknown;
    readonly flags?: Readonly<Record<string, string | boolean>>;
    readonly state?: Partial<InstanceState>;
    readonly states?: Readonly<Record<string, Partial<InstanceState>>>;
    readonly next?: NextRelease;
    readonly isUnchanged?: boolean;
    readonly placements?: readonly Placement[];
    readonly outputs?: Readonly<Record<string, unknown>>;
    readonly answers?: Answers;
    readonly stdout?: string;
    readonly relay?: (relay: Relay) => Promise<ExecResult>;
    readonly environment?: string;
    readonly startedAt?: string;
    readonly actor?: string;
    readonly projectRoot?: string;
    readonly digest?: string;
    readonly reached?: Reached;
    readonly refusesHold?: string;
    readonly quiet?: Partial<Quiet>;
    readonly rehearses?: Partial<Rehearses>;
}

export interface TaskRun {
    readonly commands: readonly string[];
    readonly probes: readonly string[];
    readonly relays: readonly Relay[];
    readonly output: unknown;
    readonly progress: readonly string[];
    readonly error: unknown;
    readonly skipped: string | undefined;
    readonly chosen: Readonly<Record<string, NextRelease>>;
    readonly isAnew: boolean;
    readonly hasKeptData: boolean;
    readonly undo: () => Promise<readonly string[]>;
}

export interface TestPlugin {
    readonly name: string;
    readonly options: unknown;
    readonly parts: Parts<unknown, Tasks>;
    readonly task: (key: string) => Task;
    readonly settings: (input: unknown) => Promise<unknown>;
}

export declare function askCheck(plugin: Plugin, title: string, situation: Situation, respond: Respond): Promise<Verdict | undefined>;

export declare function explanationOf(plugin: Plugin, key: string, situation: Situation, answer: Answer): Promise<string | SrvError | undefined>;

export declare function inspectWith(plugin: Plugin, situation: Situation, respond: Respond): Promise<Partial<InstanceState>>;

export declare function runTask(plugin: Plugin, key: string, situation?: Situation): Promise<TaskRun>;

export declare function scriptOf(plugin: Plugin, key: string, situation?: Situation): Promise<string>;

export declare function setUp(plugin: Plugin): Promise<TestPlugin>;

export declare function testPlacement(input?: PlacementInput): Placement;

export declare function undoOf(plugin: Plugin, key: string, situation?: Situation): Promise<string>;

// Referred to by the above, not exported

type Respond = (script: string) => Answer | Promise<Answer>;
