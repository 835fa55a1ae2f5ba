import { defineConfig, http, process, sandbox } from 'srvkit'
import { git } from 'srvkit/git'
import { rsyncBackup } from 'srvkit/rsync-backup'

/** A service with data on a host that srv brings along, and its snapshots on this machine: `npx srv backup production`. */
export default defineConfig({
  environments: {
    production: { hosts: { web1: sandbox() } },
  },
  plugins: [
    // The files as they are, committed or not.
    git({ source: 'files' }),
    // With a server of yours: to: 'backup@nas.example.org:/tank/srv'
    rsyncBackup({ to: { laptop: '.srv/snapshots' }, keep: { last: 10, daily: 7, weekly: 4 } }),
  ],
  services: {
    notes: {
      description: 'Notes in a file',
      instances: {
        native: {
          kind: 'native',
          git: { path: 'app' },
          start: process({ exec: 'node server.js' }),
          health: http(':4200/up'),
          backup: { consistency: 'stop', rehearsal: { assert: 'test -s "$SRV_DATA/notes.txt"' } },
        },
      },
    },
  },
})
