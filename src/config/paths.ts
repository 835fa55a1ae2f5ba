import type { Host, Instance, Paths, Placement, Service } from './resolved.ts'

function pathsOf(root: string, service: string, instance: string): Paths {
  const folder = `${root.replace(/\/+$/, '')}/${service}`
  return {
    service: folder,
    instance: `${folder}/instances/${instance}`,
    data: `${folder}/data`,
    state: `${folder}/.srv`,
  }
}

/** An instance on a host, with the folders that belong to it there. */
export function placeOn(host: Host, service: Service, instance: Instance): Placement {
  return {
    id: `${instance.id}@${host.name}`,
    host,
    service,
    instance,
    paths: pathsOf(host.root, service.name, instance.name),
  }
}
