import { expect, test } from 'vitest'
import { parseHost } from '../../../src/config/host-text.ts'

test.each([
  ['web1', { address: 'web1' }],
  ['web1.example.org:2222', { address: 'web1.example.org', port: 2222 }],
  ['deploy@web1', { address: 'web1', user: 'deploy' }],
  ['me@corp.example@web1:22', { address: 'web1', user: 'me@corp.example', port: 22 }],
  ['10.0.0.1', { address: '10.0.0.1' }],
  ['2001:db8::1', { address: '2001:db8::1' }],
  ['root@[2001:db8::1]:22', { address: '2001:db8::1', user: 'root', port: 22 }],
  ['[fe80::1%eth0]', { address: 'fe80::1%eth0' }],
])('reads %s', (text, host) => {
  expect(parseHost(text)).toEqual(host)
})

test.each([
  '',
  '-oProxyCommand=true',
  'root@-oProxyCommand=true',
  '-root@web1',
  'web1 web2',
  'web1\n',
  'web1;true',
  '$(true)@web1',
  'web1:0',
  'web1:65536',
  'web1:ssh',
  'web1/etc',
  '@web1',
  'deploy@',
  '[web1]:22',
])('refuses %j', (text) => {
  expect(parseHost(text)).toBeUndefined()
})
