// Exported

export interface Answer {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export interface Bridge {
    readonly on: string;
    readonly script: Script;
    readonly onOutput?: (text: string) => void;
}

export type Check<O = any, S = any> = {
    readonly title: string;
    readonly on: 'once';
    readonly check: (context: OnceContext<O>) => Verdict | Promise<Verdict>;
} | {
    readonly title: string;
    readonly on: 'host' | 'instance';
    readonly kinds?: readonly ('native' | 'docker')[];
    readonly applies?: (placement: Placement, settings: S) => boolean;
    readonly probe: (placement: Placement, settings: S, options: O) => Script;
    readonly judge: (answer: Answer, placement: Placement, settings: S) => Verdict;
};

export interface Declared {
    readonly file: string;
    readonly placements: readonly Placement[];
}

export interface Disagreement {
    readonly instance: string;
    readonly path: readonly string[];
    readonly text: string;
}

export interface ExecOptions {
    readonly input?: boolean;
}

export interface ExecResult {
    readonly end: End;
    readonly stdout: string;
    readonly stderr: string;
    readonly durationMs: number;
}

export type Finish = (placement: Placement, run: string) => Script;

export type Flag = {
    readonly type: 'boolean';
    readonly description: string;
} | {
    readonly type: 'string';
    readonly description: string;
    readonly value?: string;
    readonly default?: string;
    readonly check?: (said: string | undefined, flags: SaidFlags) => void;
};

export type FlagValue<F extends Flag> = F extends {
    readonly type: 'boolean';
} ? boolean : F extends {
    readonly default: string;
} ? string : string | undefined;

export type FlagValues<F extends Flags> = {
    readonly [K in keyof F]: FlagValue<F[K]>;
};

export type Flags = Readonly<Record<string, Flag>>;

export type Health = ({
    readonly kind: 'http';
    readonly url: string;
    readonly status: readonly number[];
} | {
    readonly kind: 'tcp';
    readonly address: string;
} | {
    readonly kind: 'command';
    readonly command: string;
}) & Required<HealthLimits>;

export interface HealthLimits {
    readonly samples?: number;
    readonly intervalMs?: number;
    readonly timeoutMs?: number;
}

export interface Hold<S> {
    readonly kinds: readonly ('native' | 'docker')[];
    readonly refuse?: (placement: Placement, settings: S, how: HoldMode) => string | undefined;
    readonly running: (placement: Placement, settings: S) => Script;
    readonly hold: (placement: Placement, settings: S, how: HoldMode) => Script;
    readonly resume: (placement: Placement, settings: S) => Script;
    readonly proves?: (placement: Placement, settings: S, how: HoldMode) => Script;
    readonly become?: (placement: Placement, settings: S, release: string) => Script;
    readonly wake?: (placement: Placement, settings: S, names: readonly string[]) => Script;
}

export type HoldMode = 'pause' | 'stop';

export type Hook<O = any> = HookFunction<O> | {
    readonly handler: HookFunction<O>;
    readonly order?: 'first' | 'last';
    readonly optional?: boolean;
};

export type HookContext<O = any> = BaseContext<O> & Target & Partial<Pick<InstanceContext, 'host' | 'instance' | 'paths'>>;

export interface Host {
    readonly name: string;
    readonly kind: 'ssh' | 'local' | 'sandbox';
    readonly address: string;
    readonly user?: string;
    readonly port?: number;
    readonly key?: string;
    readonly sshConfig?: string;
    readonly hostKeys: readonly string[];
    readonly root: string;
    readonly tags: readonly string[];
    readonly loopback: string;
}

export interface HostContext<O = any, F extends Flags = any> extends BaseContext<O, F>, Target {
    readonly host: Host;
    readonly services: readonly Service[];
    relay(relay: Relay): Promise<ExecResult>;
    at(name: string): Target;
    bridge(bridge: Bridge): Promise<ExecResult>;
    reached(name?: string): Promise<Reached | undefined>;
    onRollback(undo: () => Promise<unknown>): void;
}

export interface HttpOptions extends HealthLimits {
    readonly status?: number | readonly number[];
}

export interface Inspect<O = any, S = any> {
    readonly kinds?: readonly ('native' | 'docker')[];
    readonly applies?: (placement: Placement, settings: S) => boolean;
    readonly probe: (placement: Placement, settings: S, options: O) => Script;
    readonly read: (answer: Answer, placement: Placement, settings: S, known: InstanceState) => Partial<InstanceState>;
    readonly serving?: (placement: Placement, settings: S, options: O) => Script;
}

export interface Instance {
    readonly id: string;
    readonly service: string;
    readonly name: string;
    readonly kind: 'native' | 'docker';
    readonly repository?: string;
    readonly ref?: string;
    readonly build: readonly string[];
    readonly buildTimeoutMs?: number;
    readonly start?: Supervisor;
    readonly health: readonly Health[];
    readonly env: Variables;
    readonly settings: Readonly<Record<string, unknown>>;
}

export interface InstanceContext<O = any, F extends Flags = any, S = any> extends HostContext<O, F>, Omit<Placement, 'id'>, Course, Quiet, Rehearses {
    readonly settings: S;
    anew(): void;
    keptData(): void;
}

export interface InstanceState {
    readonly release?: Release;
    readonly releases: readonly Release[];
    readonly running: 'yes' | 'no' | 'unknown' | 'none';
    readonly healthy: 'yes' | 'no' | 'unknown';
    readonly drift: readonly string[];
    readonly notes?: readonly string[];
    readonly directory?: string;
    readonly digest?: string;
    readonly details?: unknown;
}

export interface LeaseHolder {
    readonly actor: string;
    readonly pipeline: string;
}

export interface LeaseTexts {
    readonly take: Script;
    readonly keep: Script;
    readonly enter: Script;
    readonly stop: Script;
    readonly stopLeft: Script;
    readonly regain: Script;
    readonly release: Script;
}

export interface LogOptions {
    readonly follow: boolean;
    readonly lines: number;
    readonly since?: string;
}

export interface NextRelease {
    readonly release: Release;
    readonly folder: string;
    readonly directory: string;
    readonly digest?: string;
    readonly code?: (folder: string) => Script;
}

export interface OldDataFacts {
    readonly path: string;
    readonly since: string;
    readonly isCutOff: boolean;
}

export type On = 'once' | 'host' | 'instance';

export interface OnceContext<O = any, F extends Flags = any> extends BaseContext<O, F>, Target, MayHold {
    readonly placements: readonly Placement[];
    settings(instance: Instance): any;
    state(placement: Placement): InstanceState;
    next(placement: Placement): NextRelease | undefined;
    choose(placement: Placement, release: NextRelease): void;
    digest(instance: Instance): Promise<string>;
}

export interface Orchestrator {
    readonly kind: 'swarm';
    readonly manager: string;
}

export interface Parts<O, T extends Tasks, S = any> {
    readonly tasks?: T;
    readonly checks?: readonly Check<O, S>[];
    readonly inspect?: Inspect<O, S>;
    readonly finish?: Finish;
    readonly hooks?: Readonly<Record<string, Hook<O>>>;
    readonly phases?: Phases<Extract<keyof T, string>>;
    readonly queries?: Queries<S>;
    readonly hosts?: Readonly<Record<string, HostInput>>;
    readonly hostNames?: readonly (readonly (string | number)[])[];
    readonly hold?: Hold<S>;
    readonly rehearse?: Rehearse<S>;
    readonly snapshots?: Snapshots;
    readonly schedules?: Schedules;
    readonly refuse?: (placement: Placement, settings: S) => string | undefined;
    readonly inPlace?: (placement: Placement, settings: S) => boolean;
}

export interface Paths {
    readonly service: string;
    readonly instance: string;
    readonly data: string;
    readonly state: string;
}

export interface Phases<K extends string = string> {
    readonly deploy?: {
        readonly resolve?: readonly K[];
        readonly prepare?: readonly K[];
        readonly build?: readonly K[];
        readonly activate?: readonly K[];
        readonly start?: readonly K[];
        readonly finish?: readonly K[];
    };
    readonly rollback?: {
        readonly resolve?: readonly K[];
        readonly activate?: readonly K[];
        readonly start?: readonly K[];
        readonly finish?: readonly K[];
    };
    readonly restart?: readonly K[];
    readonly start?: readonly K[];
    readonly stop?: readonly K[];
    readonly backup?: readonly K[];
    readonly verify?: readonly K[];
    readonly prune?: readonly K[];
    readonly schedule?: readonly K[];
    readonly unschedule?: readonly K[];
    readonly restore?: {
        readonly prepare?: readonly K[];
        readonly activate?: readonly K[];
        readonly settle?: readonly K[];
    };
    readonly rehearse?: readonly K[];
    readonly extract?: readonly K[];
    readonly withData?: {
        readonly prepare?: readonly K[];
        readonly activate?: readonly K[];
        readonly settle?: readonly K[];
    };
    readonly scale?: readonly K[];
}

export interface Placement {
    readonly id: string;
    readonly host: Host;
    readonly service: Service;
    readonly instance: Instance;
    readonly paths: Paths;
}

export interface Plugin<Name extends string = string, T extends Tasks = Tasks, Settings = unknown> {
    readonly [brand]: {
        readonly tasks?: T;
        readonly settings?: Settings;
    };
    readonly api: number;
    readonly id: string;
    readonly name: Name;
    readonly options: unknown;
    readonly spec: InertSpec;
}

export interface PluginFactory<Id extends string, OS extends Schema, SS extends Schema, T extends Tasks> {
    (...options: OptionsArguments<StandardSchemaV1.InferInput<OS>>): Plugin<Id, T, StandardSchemaV1.InferInput<SS>>;
    as<const Name extends string>(name: Name, ...options: OptionsArguments<StandardSchemaV1.InferInput<OS>>): Plugin<Name, T, StandardSchemaV1.InferInput<SS>>;
}

export interface Queries<S> {
    readonly kinds: readonly ('native' | 'docker')[];
    readonly logs?: (placement: Placement, settings: S, options: LogOptions) => Script;
    readonly ps?: (placement: Placement, settings: S) => Script;
    readonly exec?: (placement: Placement, settings: S, inside: string, words: readonly string[], options?: ExecOptions) => Script;
}

export interface Quiet {
    hold(how: HoldMode): Script;
    held(): Script;
    ran(): Script;
    proved(how: HoldMode): Script;
    resume(): Script;
    wake(names: readonly string[]): Script;
    become(release: string): Script;
    lease(holder: LeaseHolder): LeaseTexts;
    serving(instance?: Instance): Script;
    inside(name: string, words: readonly string[], options?: ExecOptions): Script | undefined;
}

export interface Reached {
    readonly user: string;
    readonly address: string;
    readonly port: number;
    readonly hostKey: string;
}

export interface Rehearsal {
    readonly parts?: {
        begin(names: readonly string[]): Script;
        inside(name: string, words: readonly string[], options?: ExecOptions): Script;
    };
    readonly begin: Script;
    readonly gate: Script;
    readonly enter: Script;
}

export interface RehearsalFacts {
    readonly id: string;
    readonly at: string;
    readonly host: string;
    readonly seconds: number;
    readonly ok: boolean;
    readonly checked: readonly string[];
    readonly note: string;
}

export interface Rehearse<S> {
    readonly kinds: readonly ('native' | 'docker')[];
    readonly refuse?: (placement: Placement, settings: S, scratch: Scratch) => string | undefined;
    readonly parts?: {
        readonly begin: (placement: Placement, settings: S, scratch: Scratch, names: readonly string[]) => Script;
        readonly inside: (placement: Placement, settings: S, scratch: Scratch, name: string, words: readonly string[], options: ExecOptions) => Script;
    };
    readonly begin: (placement: Placement, settings: S, scratch: Scratch) => Script;
    readonly gate: (placement: Placement, settings: S, scratch: Scratch) => Script;
    readonly enter: (placement: Placement, settings: S, scratch: Scratch) => Script;
    readonly end: (placement: Placement, settings: S, scratch: Pick<Scratch, 'folder' | 'data'>) => Script;
}

export interface Rehearses {
    rehearsal(scratch: Scratch): Rehearsal | string;
    endRehearsal(scratch: Pick<Scratch, 'folder' | 'data'>): Script;
}

export interface Relay {
    readonly argv: readonly [
        string,
        ...string[]
    ];
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly shellVariable?: string;
    readonly before?: Script;
    readonly after?: Script;
}

export interface Release {
    readonly id: string;
    readonly commit?: string;
    readonly ref?: string;
    readonly subject?: string;
    readonly since?: string;
    readonly by?: string;
}

export interface SaidBy<I, S> {
    readonly instance: string;
    readonly said: I;
    readonly settings: S;
}

export type SaidFlags = Readonly<Record<string, string | boolean | undefined>>;

export interface ScheduleFacts {
    readonly by: string;
    readonly at: string;
    readonly next?: string;
    readonly last?: {
        readonly at: string;
        readonly ok: boolean;
        readonly note: string;
    };
    readonly running: boolean;
    readonly problem?: string;
}

export interface Schedules {
    readonly places: (placement: Placement, projectRoot: string) => readonly SchedulePlace[];
    readonly read: (stdout: string) => ScheduleFacts | undefined;
}

export interface Scratch {
    readonly folder: string;
    readonly data: string;
    readonly release: Release;
    readonly directory?: string;
    readonly environment: string;
    readonly port: number;
    readonly start?: string;
    readonly variables: Readonly<Record<string, string>>;
    readonly limitSeconds: number;
}

export interface Script {
    readonly [brand]: true;
    readonly parts: readonly (string | Secret)[];
}

export interface Secret {
    readonly [brand]: true;
    readonly name: string;
    readonly read: () => string | undefined | Promise<string | undefined>;
}

export interface Service {
    readonly name: string;
    readonly description?: string;
    readonly hosts: readonly Host[];
    readonly instances: readonly Instance[];
    readonly orchestrator?: Orchestrator;
}

export type Shared<S> = {
    readonly settings: readonly S[];
} | {
    readonly disagreements: readonly Disagreement[];
};

export interface SnapshotFacts {
    readonly id: string;
    readonly state: 'good' | 'suspect' | 'unreadable';
    readonly release: string;
    readonly files: number;
    readonly bytes: number;
    readonly newBytes: number;
    readonly note: string;
    readonly pinned?: boolean;
    readonly before?: string;
}

export interface Snapshots {
    readonly places: (placement: Placement, projectRoot: string) => readonly {
        readonly on: string;
        readonly folder: string;
        readonly probe: Script;
    }[];
    readonly owner?: {
        readonly probe: (placement: Placement) => Script;
        readonly isOther: (stdout: string, identity: string) => boolean;
    };
    readonly read: (stdout: string) => readonly SnapshotFacts[];
    readonly rehearsals?: (stdout: string) => readonly RehearsalFacts[];
    readonly overdue?: (stdout: string) => boolean | undefined;
    readonly oldData?: {
        readonly probe: (placement: Placement) => Script | undefined;
        readonly read: (stdout: string, placement: Placement) => readonly OldDataFacts[];
    };
}

export declare class SrvError extends Error {
    readonly name = "SrvError";
    readonly code: Code;
    readonly hint: string;
    readonly exitCode: number;
    readonly where: Where;
    readonly output: readonly string[];
    constructor(code: Code, message: string, hint: string, exitCode: number, where: Where, output: readonly string[], cause: unknown);
}

export type Step<Id extends string = string> = Id | Task | readonly Step<Id>[] | ParallelSteps<Id> | RollingSteps<Id> | PlacedSteps<Id>;

export type Supervisor = {
    readonly kind: 'systemd';
    readonly exec: string;
    readonly scope: 'system' | 'user';
    readonly user?: string | undefined;
    readonly unit?: string | undefined;
    readonly service: readonly string[];
    readonly stopTimeoutMs: number;
} | {
    readonly kind: 'process';
    readonly exec: string;
    readonly stopTimeoutMs: number;
} | {
    readonly kind: 'command';
    readonly start: string;
    readonly stop?: string | undefined;
    readonly restart?: string | undefined;
    readonly status?: string | undefined;
    readonly logs?: string | undefined;
};

export interface Swarm {
    readonly [brand]: 1;
    readonly kind: 'swarm';
    readonly manager?: string;
}

export interface SystemdOptions {
    readonly exec: string;
    readonly scope?: 'system' | 'user';
    readonly user?: string;
    readonly unit?: string;
    readonly service?: readonly string[];
    readonly stopTimeoutMs?: number;
}

export type Task<O = any, N extends On = any, F extends Flags = any, R = any> = TaskSpec<O, N, F, any, R> & {
    readonly [taskBrand]: TaskTypes<O, N, F, R>;
};

export type TaskMaker<O, S> = <N extends On, const F extends Flags = {}, R = void>(spec: TaskSpec<O, N, F, S, R>) => Task<O, N, F, R>;

export type TaskSpec<O, N extends On, F extends Flags, S, R> = TaskBase<ContextOf<O, F, S>[N], N, F> & (FunctionTask<ContextOf<O, F, S>[N], R> | ScriptTask<ContextOf<O, F, S>[N], R>);

export type TaskWithResult<R> = Task<any, any, any, R>;

export type Tasks = Readonly<Record<string, Task>>;

export interface Transfer {
    readonly bytes: number;
    readonly percent: number;
    readonly bytesPerSecond: number;
    readonly secondsLeft: number | undefined;
}

export type Variables = Readonly<Record<string, string | Secret>>;

export type Verdict = {
    readonly ok: true;
    readonly found?: string;
    readonly warning?: string;
} | {
    readonly ok: false;
    readonly problem: string;
    readonly fix: string;
};

export type Word = string | number | Secret | Script | readonly (string | number | Secret)[];

export declare const bornFunction: Script;

export declare function command(line: string, limits?: HealthLimits): Health;
export declare function command(commands: CommandSupervisor): Supervisor;

export declare function defineConfig<Environment extends string, Host extends string, Service extends string, Instance extends string, const P extends readonly PluginEntry[] = readonly [
], Local extends string = never, Pipeline extends string = never>(input: ConfigInput<Environment, Host, P, Service, Instance, Local, Pipeline>): Config;

export declare function definePlugin<const Id extends string, OS extends Schema, SS extends Schema = NoSettings, T extends Tasks = Readonly<Record<never, never>>>(spec: PluginSpec<Id, OS, SS, T>): PluginFactory<Id, OS, SS, T>;

export declare function defineTask<N extends On, const F extends Flags = Readonly<Record<never, never>>, R = void>(spec: TaskSpec<unknown, N, F, unknown, R>): Task<unknown, N, F, R>;

export declare function didYouMean(unknown: string, known: Iterable<string>): string;

export declare function http(url: string, options?: HttpOptions): Health;

export declare function isSecret(value: unknown): value is Secret;

export declare function isSrvError(error: unknown): error is SrvError;

export declare function lines(...scripts: readonly Script[]): Script;

export declare const lockFunction: Script;

export declare function parallel<const S extends readonly Step[]>(...steps: S): {
    readonly parallel: S;
};

export declare function process(options: {
    readonly exec: string;
    readonly stopTimeoutMs?: number;
}): Supervisor;

export declare function quote(word: string): string;

export declare function raw(text: string): Script;

export declare function rolling<const S extends readonly Step[]>(steps: S, options?: RollingOptions): RollingOptions & {
    readonly rolling: S;
};

export declare function sandbox(options?: {
    readonly tags?: readonly string[];
}): SandboxHost;

export declare function secret(name: string, read?: Secret['read']): Secret;

export declare function series<const S extends readonly Step[]>(...steps: S): S;

export declare function sh(literals: TemplateStringsArray, ...values: readonly Word[]): Script;

export declare function size(bytes: number): string;

export declare function srvError<C extends Code>(code: C, details: Details<C>, circumstances?: Circumstances): SrvError;

export declare function swarm(options?: {
    readonly manager?: string;
}): Swarm;

export declare function systemd(options: SystemdOptions): Supervisor;

export declare function tcp(address: string, limits?: HealthLimits): Health;

export declare function withoutHooks<P extends Plugin>(plugin: P): P;

export declare function writeVariables(file: string, entries: readonly (readonly [
    string,
    string | Secret
])[]): Script;

// Referred to by the above, not exported

interface Account {
    readonly host: string;
    readonly user: string;
}

interface BaseContext<O = any, F extends Flags = any> extends Telling {
    readonly options: O;
    readonly flags: FlagValues<F>;
    readonly environment: string;
    readonly runId: string;
    readonly startedAt: string;
    readonly actor: string;
    readonly projectRoot: string;
    readonly declared: Declared;
    readonly signal: AbortSignal;
    readonly dryRun: boolean;
    readonly local: Target;
    output<R>(task: TaskWithResult<R>): R | undefined;
}

interface Checkout {
    readonly target: string;
    readonly folder: string;
}

interface Circumstances {
    readonly where?: Where;
    readonly cause?: unknown;
    readonly output?: readonly string[];
}

type Code = keyof Raw;

interface CommandSupervisor {
    readonly start: string;
    readonly stop?: string;
    readonly restart?: string;
    readonly status?: string;
    readonly logs?: string;
}

interface Config {
    readonly [brand]: 1;
    readonly input: unknown;
}

type ConfigHooks<Id extends string> = Readonly<Partial<Record<`${'before' | 'after' | 'finally'}:${Id}`, Hook>>>;

interface ConfigInput<Environment extends string, Host extends string, P extends readonly PluginEntry[], Service extends string, Instance extends string, Local extends string, Pipeline extends string> {
    readonly environments: Readonly<Record<Environment, EnvironmentInput<Host, NoInfer<Host>, NoInfer<Service>, NoInfer<Instance>, SettingsOf<NoInfer<P>>>>>;
    readonly plugins?: P;
    readonly services: Readonly<Record<Service, ServiceInput<NoInfer<Host>, Instance, SettingsOf<NoInfer<P>>>>>;
    readonly tasks?: Readonly<Record<Local, Task>>;
    readonly pipelines?: Readonly<Record<Pipeline, StepInput<StepId<NoInfer<P>, NoInfer<Local>, NoInfer<Pipeline>>>>>;
    readonly hooks?: ConfigHooks<StepId<NoInfer<P>, NoInfer<Local>, NoInfer<Pipeline>>>;
    readonly override?: Overrides<NoInfer<P>, NoInfer<Local>>;
}

interface ContextOf<O, F extends Flags, S> {
    readonly once: OnceContext<O, F>;
    readonly host: HostContext<O, F>;
    readonly instance: InstanceContext<O, F, S>;
}

interface Course {
    readonly state: InstanceState;
    readonly next?: NextRelease;
    readonly isUnchanged: boolean;
}

interface Destination {
    readonly host: string;
    readonly isJump: boolean;
    readonly user: string;
    readonly address: string;
    readonly port: number;
    readonly via?: string;
}

type Details<C extends Code> = DetailsByCode[C];

type DetailsByCode = {
    readonly [C in Code]: Raw[C] extends Entry<infer D> ? D : never;
};

interface DockerInstance extends InstanceBase {
    readonly kind: 'docker';
}

interface Effects {
    readonly changes?: boolean;
    readonly activates?: boolean;
    readonly stops?: boolean;
    readonly othersGoOn?: boolean;
}

type End = {
    readonly kind: 'exit';
    readonly code: number;
} | {
    readonly kind: 'signal';
    readonly signal: string;
} | {
    readonly kind: 'timeout';
    readonly stopped: boolean;
    readonly timeoutMs: number;
} | {
    readonly kind: 'cancelled';
    readonly stopped: boolean;
} | {
    readonly kind: 'lost';
    readonly reason: string;
};

interface Entry<D> {
    readonly message: (details: D) => string;
    readonly hint: (details: D) => string;
    readonly exitCode: number;
}

interface EnvironmentInput<Host extends string, HostNames extends string, Service extends string, Instance extends string, Settings> {
    readonly hosts: Readonly<Partial<Record<Host, HostInput>>>;
    readonly orchestrator?: Swarm;
    readonly services?: Readonly<Partial<Record<Service, ServiceOverlay<HostNames, Instance, Settings>>>>;
}

interface FunctionTask<C, R> {
    readonly run: (context: C, found?: any) => R | Promise<R>;
    readonly script?: never;
    readonly read?: never;
}

interface HeldBy {
    readonly service: string;
    readonly host: string;
    readonly actor: string;
    readonly run: string;
    readonly pipeline: string;
    readonly since: string;
    readonly ageSeconds: number;
}

type HookFunction<O = any> = (context: HookContext<O>) => unknown;

type HostInput = string | HostObject | SandboxHost;

interface HostKeyDestination extends Destination {
    readonly shown: string;
    readonly environment?: string;
}

interface HostObject {
    readonly address: string;
    readonly user?: string;
    readonly port?: number;
    readonly key?: string;
    readonly sshConfig?: string;
    readonly root?: string;
    readonly tags?: readonly string[];
    readonly hostKeys?: string | readonly string[];
}

interface InertParts extends Omit<Parts<any, Tasks>, 'phases'> {
    readonly phases?: Phases;
}

interface InertSpec {
    readonly id: string;
    readonly needs?: readonly string[];
    readonly options: Schema;
    readonly settings?: Schema;
    readonly share?: (all: readonly SaidBy<any, any>[]) => Shared<unknown>;
    readonly setup: (tools: {
        readonly options: any;
        readonly task: TaskMaker<any, any>;
    }) => InertParts;
}

interface InstanceBase {
    readonly repository?: string;
    readonly ref?: string;
    readonly build?: string | readonly string[];
    readonly buildTimeoutMs?: number;
    readonly health?: Health | readonly Health[];
    readonly env?: Variables;
}

type InstanceInput<Settings = PluginSettings> = (NativeInstance & Settings) | (DockerInstance & Settings);

type InstanceOverlay<Settings = PluginSettings> = Partial<Omit<NativeInstance, 'kind'>> & Settings;

interface Kept {
    readonly service: string;
    readonly host: string;
    readonly where: string;
}

type KeysOfEach<U> = U extends unknown ? Extract<keyof U, string> : never;

interface MayHold {
    refusesHold(placement: Placement, how: HoldMode): string | undefined;
}

interface NativeInstance extends InstanceBase {
    readonly kind: 'native';
    readonly start?: Supervisor;
}

type NoSettings = StandardSchemaV1<Readonly<Record<string, never>>>;

interface OnHost {
    readonly host: string;
    readonly releases: readonly string[];
}

type OptionsArguments<Options> = {} extends Options ? [
    options?: Options
] : [
    options: Options
];

type OverrideOf<T> = T extends {
    readonly [taskBrand]: TaskTypes<infer O, infer N, infer F, infer R>;
} ? (context: ContextOf<O, F, any>[N], original: () => Promise<R>) => R | Promise<R> : never;

type Overrides<P extends readonly PluginEntry[], Local extends string> = {
    readonly [Id in TaskId<P, Local>]?: Id extends PluginTaskId<P> ? OverrideOf<TaskOf<PluginTasks<Present<P>>, Id>> : (context: HookContext, original: () => Promise<unknown>) => unknown;
};

interface Parallel<Id extends string> {
    readonly parallel: Series<Id>;
    readonly canary?: never;
}

interface ParallelSteps<Id extends string = string> {
    readonly parallel: readonly Step<Id>[];
}

interface PlacedSteps<Id extends string = string> {
    readonly inPlace: boolean;
    readonly steps: readonly Step<Id>[];
}

type PluginEntry = Plugin | false | null | undefined | '' | 0;

type PluginSettings = Readonly<Record<string, unknown>>;

interface PluginSpec<Id extends string, OS extends Schema, SS extends Schema, T extends Tasks> {
    readonly id: Id;
    readonly needs?: readonly string[];
    readonly options: OS;
    readonly settings?: SS;
    readonly share?: (all: readonly SaidBy<StandardSchemaV1.InferInput<SS>, StandardSchemaV1.InferOutput<SS>>[]) => Shared<StandardSchemaV1.InferOutput<SS>>;
    readonly setup: (tools: {
        readonly options: StandardSchemaV1.InferOutput<OS>;
        readonly task: TaskMaker<StandardSchemaV1.InferOutput<OS>, StandardSchemaV1.InferOutput<SS>>;
    }) => Parts<StandardSchemaV1.InferOutput<OS>, T, StandardSchemaV1.InferOutput<SS>>;
}

type PluginTaskId<P extends readonly PluginEntry[]> = Present<P> extends infer One ? KeysOfEach<PluginTasks<One>> : never;

type PluginTasks<P> = P extends Plugin<infer Name, infer T extends Tasks> ? {
    readonly [Key in Extract<keyof T, string> as `${Name}:${Key}`]: T[Key];
} : never;

type Present<P extends readonly PluginEntry[]> = Extract<P[number], Plugin>;

type Raw = typeof entries;

interface Rolling<Id extends string> extends RollingOptions {
    readonly rolling: Series<Id>;
}

interface RollingOptions {
    readonly canary?: number;
    readonly window?: number | `${number}%`;
}

interface RollingSteps<Id extends string = string> extends RollingOptions {
    readonly rolling: readonly Step<Id>[];
}

interface SandboxHost {
    readonly [brand]: 1;
    readonly kind: 'sandbox';
    readonly tags: readonly string[];
}

interface SchedulePlace {
    readonly on: string;
    readonly folder: string;
    readonly isWanted?: boolean;
    readonly probe: Script;
    readonly start: Script;
}

type Schema = StandardSchemaV1;

interface ScriptTask<C, R> {
    readonly script: (context: C) => Script | undefined;
    readonly read?: (stdout: string, context: C) => R;
    readonly run?: never;
}

interface Series<Id extends string> {
    readonly entries: unknown;
    readonly [index: number]: StepInput<Id>;
}

interface ServiceBase<HostName extends string = string> {
    readonly repository?: string;
    readonly ref?: string;
    readonly description?: string;
    readonly hosts?: readonly HostName[];
    readonly tags?: readonly string[];
    readonly env?: Variables;
}

interface ServiceInput<HostName extends string = string, InstanceName extends string = string, Settings = PluginSettings> extends ServiceBase<HostName> {
    readonly instances: Readonly<Partial<Record<InstanceName, InstanceInput<Settings>>>>;
}

interface ServiceOverlay<HostName extends string = string, InstanceName extends string = string, Settings = PluginSettings> extends ServiceBase<HostName> {
    readonly instances?: Readonly<Partial<Record<InstanceName, InstanceOverlay<Settings>>>>;
}

type SettingsOf<P extends readonly PluginEntry[]> = {
    readonly [One in Present<P> as One['name']]?: One extends Plugin<string, Tasks, infer Settings> ? Settings : never;
};

type Shell = (literals: TemplateStringsArray, ...values: readonly Word[]) => Promise<ExecResult>;

interface Step {
    readonly task: string;
    readonly target: string;
}

type StepId<P extends readonly PluginEntry[], Local extends string, Pipeline extends string> = TaskId<P, Local> | StockPipelineName | Pipeline;

type StepInput<Id extends string> = Id | Task | Series<Id> | Parallel<Id> | Rolling<Id>;

type StockPipelineName = (typeof stockPipelineNames)[number];

type StockTaskName = (typeof stockTaskNames)[number];

interface Target {
    readonly run: Shell;
    readonly probe: Shell;
    readonly follow: (script: Script, onOutput: (text: string) => void) => Promise<ExecResult>;
    readonly watch: (script: Script, onOutput: (text: string) => void) => Promise<ExecResult>;
}

interface TaskBase<C, N extends On, F extends Flags> extends Effects {
    readonly title: string;
    readonly on: N;
    readonly flags?: F;
    readonly kinds?: readonly ('native' | 'docker')[];
    readonly applies?: (placement: Placement, settings: any) => boolean;
    readonly also?: (placement: Placement, settings: any, flags: Partial<FlagValues<F>>) => readonly string[];
    readonly alsoMayFail?: boolean;
    readonly skip?: (context: C) => string | undefined;
    readonly describe?: (context: C) => string | undefined;
    readonly ahead?: (context: C) => Promise<any>;
    readonly timeoutMs?: number;
    readonly undo?: (context: C) => Script | undefined;
    readonly reapply?: boolean;
    readonly evenIfUnchanged?: boolean;
    readonly explain?: (answer: Answer, context: C) => string | SrvError | undefined;
}

type TaskId<P extends readonly PluginEntry[], Local extends string> = StockTaskName | PluginTaskId<P> | Local;

type TaskOf<U, Id extends string> = U extends Readonly<Record<Id, infer T>> ? T : never;

interface TaskTypes<O, N extends On, F extends Flags, R> {
    readonly types?: {
        readonly options: O;
        readonly on: N;
        readonly flags: F;
        readonly result: R;
    };
}

interface Telling {
    progress(said: string | Transfer): void;
    done(message: string): void;
    unchanged(message: string): void;
    warn(message: string): void;
}

interface Unknown {
    readonly name: string;
    readonly suggestion: string;
}

interface UnusableAccount extends Account {
    readonly ended: string;
}

interface Way extends Checkout {
    readonly head: string;
    readonly commit: string;
}

interface Where {
    readonly host?: string;
    readonly instance?: string;
    readonly plugin?: string;
    readonly task?: string;
    readonly hook?: string;
}

declare const brand: unique symbol;

declare const entries: {
    'SRV-900': Entry<{
        readonly problem: string;
    }>;
    'SRV-901': Entry<{
        readonly work: string;
    }>;
    'SRV-119': Entry<{
        readonly run: string;
        readonly folder: string;
        readonly suggestion: string;
    }>;
    'SRV-120': Entry<{
        readonly folder: string;
    }>;
    'SRV-122': Entry<{
        readonly run: string;
        readonly host: string;
        readonly logs: readonly string[];
    }>;
    'SRV-123': Entry<{
        readonly folder: string;
        readonly problem: string;
    }>;
    'SRV-513': Entry<{
        readonly steps: readonly string[];
        readonly changed: boolean;
        readonly environment: string;
    }>;
    'SRV-241': Entry<{
        readonly addresses: readonly string[];
    }>;
    'SRV-242': Entry<{
        readonly reason: string;
        readonly log: string;
    }>;
    'SRV-501': Entry<import("./catalog/run.ts").Step & {
        readonly code: number;
        readonly reason?: string | undefined;
    }>;
    'SRV-502': Entry<import("./catalog/run.ts").Step & {
        readonly timeoutMs: number;
        readonly stopped: boolean;
    }>;
    'SRV-503': Entry<import("./catalog/run.ts").Step & {
        readonly reason: string;
    }>;
    'SRV-504': Entry<import("./catalog/run.ts").Step>;
    'SRV-505': Entry<import("./catalog/run.ts").Step & {
        readonly problem: string;
    }>;
    'SRV-506': Entry<import("./catalog/run.ts").Step & {
        readonly signal: string;
    }>;
    'SRV-507': Entry<{
        readonly target: string;
        readonly release: string;
        readonly problem: string;
    }>;
    'SRV-508': Entry<import("./catalog/run.ts").Step & {
        readonly hook: string;
        readonly problem: string;
    }>;
    'SRV-509': Entry<import("./catalog/run.ts").Step & {
        readonly output: string;
    }>;
    'SRV-515': Entry<import("./catalog/run.ts").Step & {
        readonly host: string;
    }>;
    'SRV-510': Entry<{
        readonly target: string;
        readonly problem: string;
    }>;
    'SRV-511': Entry<{
        readonly host: string;
        readonly how: string;
    }>;
    'SRV-512': Entry<{
        readonly target: string;
        readonly problem: string;
    }>;
    'SRV-516': Entry<{
        readonly until: string;
        readonly left: string;
    }>;
    'SRV-599': Entry<{
        readonly target: string;
        readonly problem: string;
    }>;
    'SRV-670': Entry<{
        readonly service: string;
        readonly host: string;
        readonly keeper: string;
        readonly problem: string;
        readonly cause?: "unmounted" | "no timer" | "time" | "unreachable";
    }>;
    'SRV-671': Entry<{
        readonly service: string;
        readonly host: string;
        readonly keeper: string;
        readonly problem: string;
    }>;
    'SRV-672': Entry<{
        readonly environment: string;
    }>;
    'SRV-660': Entry<import("./catalog/backup.ts").Kept & {
        readonly owner: string;
        readonly of: string;
    }>;
    'SRV-661': Entry<import("./catalog/backup.ts").Kept & {
        readonly data: string;
    }>;
    'SRV-662': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
        readonly problem: string;
        readonly isOldData?: boolean;
    }>;
    'SRV-663': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
        readonly problem: string;
    }>;
    'SRV-665': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
    }>;
    'SRV-666': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
        readonly isChanged?: boolean;
    }>;
    'SRV-667': Entry<import("./catalog/backup.ts").Kept & {
        readonly problem: string;
    }>;
    'SRV-655': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
        readonly problem: string;
    }>;
    'SRV-650': Entry<{
        readonly dump: string;
        readonly inside: string;
    }>;
    'SRV-651': Entry<{
        readonly dump: string;
        readonly reason: string;
    }>;
    'SRV-652': Entry<{
        readonly service: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-668': Entry<{
        readonly service: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-653': Entry<{
        readonly service: string;
        readonly host: string;
        readonly id: string;
        readonly dumps: string;
    }>;
    'SRV-654': Entry<{
        readonly flag: string;
        readonly said: string;
        readonly problem: string;
    }>;
    'SRV-640': Entry<import("./catalog/backup.ts").Kept & {
        readonly problem: string;
        readonly cause?: "unmounted" | "full";
    }>;
    'SRV-641': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
        readonly note: string;
    }>;
    'SRV-642': Entry<import("./catalog/backup.ts").Kept & {
        readonly id: string;
        readonly count: number;
    }>;
    'SRV-643': Entry<import("./catalog/backup.ts").Kept & {
        readonly wanted: string;
    }>;
    'SRV-644': Entry<{
        readonly service: string;
        readonly host: string;
        readonly id: string;
        readonly newer: string;
        readonly isFolder: boolean;
        readonly isLate?: boolean;
    }>;
    'SRV-645': Entry<{
        readonly service: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-659': Entry<{
        readonly service: string;
        readonly host: string;
        readonly id: string;
        readonly path: string;
        readonly owner: string;
        readonly user: string;
    }>;
    'SRV-664': Entry<{
        readonly service: string;
        readonly host: string;
        readonly id: string;
        readonly found: string;
    }>;
    'SRV-646': Entry<{
        readonly said: string;
    }>;
    'SRV-648': Entry<{
        readonly service: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-649': Entry<{
        readonly service: string;
        readonly host: string;
    }>;
    'SRV-647': Entry<{
        readonly said: string;
    }>;
    'SRV-657': Entry<{
        readonly service: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-669': Entry<{
        readonly service: string;
        readonly host: string;
        readonly seconds: number;
    }>;
    'SRV-658': Entry<import("./catalog/backup.ts").Kept & {
        readonly done: string;
        readonly problem: string;
    }>;
    'SRV-656': Entry<import("./catalog/backup.ts").Kept & {
        readonly near: string;
        readonly far: string;
        readonly problem: string;
    }>;
    'SRV-620': Entry<{
        readonly instance: string;
    }>;
    'SRV-621': Entry<{
        readonly instance: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-622': Entry<{
        readonly instance: string;
        readonly manager: string;
        readonly environment: string;
    }>;
    'SRV-623': Entry<{
        readonly said: string;
    }>;
    'SRV-624': Entry<{
        readonly instance: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-625': Entry<{
        readonly instance: string;
        readonly host: string;
        readonly release: string;
        readonly name: string;
        readonly problem: string;
    }>;
    'SRV-626': Entry<{
        readonly instance: string;
        readonly host: string;
        readonly names: string;
        readonly meant: string;
    }>;
    'SRV-627': Entry<{
        readonly instance: string;
        readonly host: string;
    }>;
    'SRV-334': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
    }>;
    'SRV-335': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
    }>;
    'SRV-336': Entry<import("./catalog/git-in-place.ts").Checkout>;
    'SRV-337': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
        readonly isSkipped: boolean;
    }>;
    'SRV-338': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
        readonly problem: string;
    }>;
    'SRV-339': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
        readonly files: readonly string[];
    }>;
    'SRV-340': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly files: readonly string[];
    }>;
    'SRV-341': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly problem: string;
    }>;
    'SRV-342': Entry<import("./catalog/git-in-place.ts").Checkout>;
    'SRV-343': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly remotes: readonly string[];
        readonly repository: string;
    }>;
    'SRV-344': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly operation: string;
    }>;
    'SRV-345': Entry<import("./catalog/git-in-place.ts").Way>;
    'SRV-346': Entry<import("./catalog/git-in-place.ts").Way>;
    'SRV-347': Entry<import("./catalog/git-in-place.ts").Way>;
    'SRV-348': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
        readonly files: readonly string[];
    }>;
    'SRV-349': Entry<import("./catalog/git-in-place.ts").Checkout & {
        readonly commit: string;
        readonly paths: readonly string[];
    }>;
    'SRV-160': Entry<{
        readonly instance: string;
        readonly repository?: string | undefined;
    }>;
    'SRV-161': Entry<{
        readonly ref: string;
        readonly problem: string;
    }>;
    'SRV-162': Entry<{
        readonly ref: string;
        readonly repository: string;
        readonly suggestion: string;
    }>;
    'SRV-163': Entry<{
        readonly ref: string;
        readonly repository: string;
        readonly names: readonly string[];
    }>;
    'SRV-164': Entry<{
        readonly instance: string;
        readonly folder: string;
        readonly problem: string;
    }>;
    'SRV-165': Entry<{
        readonly instance: string;
        readonly folder: string;
        readonly repository: string;
    }>;
    'SRV-166': Entry<{
        readonly instance: string;
        readonly setting: string;
    }>;
    'SRV-167': Entry<{
        readonly instance: string;
        readonly repository: string;
    }>;
    'SRV-168': Entry<{
        readonly instance: string;
        readonly folder: string;
        readonly problem: string;
    }>;
    'SRV-330': Entry<{
        readonly repository: string;
        readonly problem: string;
    }>;
    'SRV-331': Entry<{
        readonly instance: string;
        readonly release: string;
        readonly lacking: readonly string[];
        readonly hosts: readonly import("./catalog/git.ts").OnHost[];
    }>;
    'SRV-332': Entry<{
        readonly instance: string;
        readonly hosts: readonly import("./catalog/git.ts").OnHost[];
    }>;
    'SRV-333': Entry<{
        readonly instance: string;
        readonly release: string;
        readonly suggestion: string;
    }>;
    'SRV-531': Entry<{
        readonly target: string;
        readonly problem: string;
    }>;
    'SRV-401': Entry<import("./catalog/lease.ts").HeldBy>;
    'SRV-402': Entry<{
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-403': Entry<{
        readonly host: string;
        readonly service: string;
    }>;
    'SRV-404': Entry<{
        readonly host: string;
    }>;
    'SRV-405': Entry<{
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-406': Entry<{
        readonly service: string;
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-201': Entry<import("./catalog/connection.ts").Destination>;
    'SRV-202': Entry<import("./catalog/connection.ts").Destination>;
    'SRV-203': Entry<import("./catalog/connection.ts").Destination & {
        readonly problem: string;
    }>;
    'SRV-204': Entry<import("./catalog/connection.ts").Destination & {
        readonly seconds: number;
    }>;
    'SRV-205': Entry<import("./catalog/connection.ts").Destination & {
        readonly problem: string;
        readonly attempts: number;
    }>;
    'SRV-206': Entry<import("./catalog/connection.ts").Destination & {
        readonly problem: string;
    }>;
    'SRV-210': Entry<import("./catalog/connection.ts").Destination & {
        readonly tried: readonly string[];
        readonly isCutOff?: boolean;
    }>;
    'SRV-211': Entry<import("./catalog/connection.ts").Destination & {
        readonly keys: readonly string[];
        readonly tried: readonly string[];
    }>;
    'SRV-212': Entry<{
        readonly host: string;
        readonly path: string;
        readonly problem: string;
    }>;
    'SRV-213': Entry<import("./catalog/connection.ts").Destination & {
        readonly needs: readonly string[];
        readonly tried: readonly string[];
    }>;
    'SRV-214': Entry<{
        readonly host: string;
        readonly address: string;
        readonly problem: string;
    }>;
    'SRV-215': Entry<import("./catalog/connection.ts").UnusableAccount>;
    'SRV-216': Entry<import("./catalog/connection.ts").UnusableAccount>;
    'SRV-221': Entry<import("./catalog/connection.ts").HostKeyDestination>;
    'SRV-222': Entry<import("./catalog/connection.ts").HostKeyDestination & {
        readonly known: readonly string[];
        readonly sources: readonly string[];
    }>;
    'SRV-223': Entry<import("./catalog/connection.ts").HostKeyDestination>;
    'SRV-224': Entry<{
        readonly host: string;
        readonly path: string;
        readonly problem: string;
    }>;
    'SRV-225': Entry<import("./catalog/connection.ts").HostKeyDestination>;
    'SRV-231': Entry<import("./catalog/connection.ts").Destination & {
        readonly jump: string;
        readonly problem: string;
    }>;
    'SRV-232': Entry<import("./catalog/connection.ts").Destination & {
        readonly command: string;
        readonly problem: string;
    }>;
    'SRV-226': Entry<{
        readonly path: string;
        readonly problem: string;
    }>;
    'SRV-301': Entry<{
        readonly host: string;
        readonly check: string;
        readonly problem: string;
        readonly fix: string;
    }>;
    'SRV-302': Entry<{
        readonly host: string;
        readonly problem: string;
    }>;
    'SRV-303': Entry<{
        readonly target: string;
        readonly how: "pause" | "stop";
        readonly problem: string;
    }>;
    'SRV-114': Entry<{
        readonly pipelines: readonly string[];
    }>;
    'SRV-115': Entry<{
        readonly step: string;
        readonly suggestion: string;
    }>;
    'SRV-116': Entry<{
        readonly pipeline: string;
        readonly suggestion: string;
    }>;
    'SRV-121': Entry<{
        readonly name: string;
        readonly problem: string;
    }>;
    'SRV-124': Entry<Readonly<Record<"service" | "name" | "first", string>>>;
    'SRV-100': Entry<{
        readonly problem: string;
    }>;
    'SRV-111': Entry<import("./catalog/command-line.ts").Unknown>;
    'SRV-112': Entry<import("./catalog/command-line.ts").Unknown>;
    'SRV-113': Entry<import("./catalog/command-line.ts").Unknown>;
    'SRV-117': Entry<{
        readonly services: readonly string[];
        readonly hosts: readonly string[];
        readonly tags: readonly string[];
    }>;
    'SRV-118': Entry<{
        readonly flag: string;
        readonly tasks: readonly string[];
    }>;
    'SRV-227': Entry<{
        readonly host: string;
        readonly shown: string;
        readonly expected: readonly string[];
        readonly file: string;
        readonly name: string;
    }>;
    'SRV-101': Entry<{
        readonly file: string;
        readonly problems: readonly string[];
    }>;
    'SRV-102': Entry<{
        readonly file: string;
        readonly line: number;
        readonly column: number;
        readonly problem: string;
    }>;
    'SRV-103': Entry<{
        readonly file: string;
        readonly at?: string;
        readonly problem: string;
    }>;
    'SRV-104': Entry<{
        readonly file: string;
        readonly found: string;
    }>;
    'SRV-105': Entry<{
        readonly from: string;
        readonly root?: string;
    }>;
    'SRV-106': Entry<{
        readonly file: string;
        readonly reason: string;
    }>;
    'SRV-107': Entry<{
        readonly file: string;
    }>;
    'SRV-108': Entry<{
        readonly file: string;
    }>;
    'SRV-110': Entry<{
        readonly environment: string;
        readonly suggestion: string;
    }>;
};

declare const stockPipelineNames: readonly [
    "deploy",
    "update",
    "rollback",
    "rollback-with-data",
    "restart",
    "start",
    "stop",
    "scale",
    "backup",
    "verify",
    "prune",
    "rehearse",
    "restore",
    "extract",
    "schedule",
    "unschedule"
];

declare const stockTaskNames: readonly [
    "build",
    "env",
    "start",
    "stop",
    "restart",
    "health",
    "readme"
];

declare const taskBrand: unique symbol;
