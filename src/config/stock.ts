/** Ids of the tasks that come with srv. */
export const stockTaskNames = ['build', 'env', 'start', 'stop', 'restart', 'health', 'readme'] as const

/** The stock pipelines about the data of services, in which only plugins act. */
export const dataPipelineNames = [
  'backup',
  'verify',
  'prune',
  'rehearse',
  'restore',
  'extract',
  'schedule',
  'unschedule',
] as const

/** Names of the pipelines that come with srv; a config may put its own in their place. */
export const stockPipelineNames = [
  'deploy',
  'update',
  'rollback',
  'rollback-with-data',
  'restart',
  'start',
  'stop',
  'scale',
  ...dataPipelineNames,
] as const

/** Id of a task that comes with srv. */
export type StockTaskName = (typeof stockTaskNames)[number]

/** Name of a pipeline that comes with srv. */
export type StockPipelineName = (typeof stockPipelineNames)[number]
