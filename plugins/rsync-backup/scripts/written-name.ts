/**
 * A path as rsync writes it where it tells names to a reader of ASCII: other bytes, and what could be taken for one of
 * those, as `\#` and three octal digits (rsync's log.c, filtered_fwrite).
 */
export function writtenName(path: string): string {
  return [...Buffer.from(path, 'utf8')]
    .map((byte, index, bytes) => {
      const isPlain = (byte >= 0x20 && byte < 0x7f) || byte === 0x09
      const looksWritten = byte === 0x5c && /^#\d{3}/.test(String.fromCharCode(...bytes.slice(index + 1, index + 5)))
      return isPlain && !looksWritten ? String.fromCharCode(byte) : `\\#${byte.toString(8).padStart(3, '0')}`
    })
    .join('')
}
