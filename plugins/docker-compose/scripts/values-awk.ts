import { raw } from '../../../src/index.ts'
import { follow } from './model-awk.ts'

/*
 * Configs and secrets may be values of the environment. Only the name of the variable is in a model, and a frozen release
 * has no environment any more: each value becomes a file beside the model, which is then frozen like any other.
 */

/**
 * Shell function `asking`: reads a model on standard input and prints one to lay over it, whose only service has each such
 * value as a variable of its own, so that Compose fills it in by its own rules; nothing when there is none.
 */
export const askingFunction = raw(String.raw`asking() { LC_ALL=C awk '${follow}
depth == 1 { top = key }
(top == "configs" || top == "secrets") && depth == 2 && key != "" { definition = top "." key }
(top == "configs" || top == "secrets") && depth == 3 && key == "environment" {
  printf "%s\"%s\":\"${'$'}{%s?%s is the value of it}\"", (count++ ? "," : "{\"services\":{\"srv-values\":{\"image\":\"none\",\"environment\":{"), definition, text(value), definition
}
END { if (count) print "}}}}" }'; }`)

/** Shell function `answering folder`: writes each value of the answer on standard input into a file that is called as its config or secret. */
export const answeringFunction = raw(String.raw`answering() { folder=$1 LC_ALL=C awk '
function number(digits, at, sum) { for (at = 1; at <= 4; at++) sum = sum * 16 + index("0123456789abcdef", tolower(substr(digits, at, 1))) - 1; return sum }
function letter(code) { return code < 128 ? sprintf("%c", code) : sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64) }
function plain(word, all, at, sign) {
  word = substr(word, 2, length(word) - 2)
  while ((at = index(word, "\\")) > 0) {
    sign = substr(word, at + 1, 1)
    all = all substr(word, 1, at - 1) (sign == "u" ? letter(number(substr(word, at + 2, 4))) : sign in short ? short[sign] : sign)
    word = substr(word, at + (sign == "u" ? 6 : 2))
  }
  all = all word
  gsub(/[$][$]/, "$", all)
  return all
}
BEGIN { short["n"] = "\n"; short["t"] = "\t"; short["r"] = "\r"; short["b"] = "\b"; short["f"] = "\f" }
${follow}
depth == 1 { top = key }
top == "services" && depth == 2 && key != "" { service = key }
top == "services" && service == "srv-values" && depth == 3 && key != "" { part = key }
top == "services" && service == "srv-values" && part == "environment" && depth == 4 && key != "" { file = ENVIRON["folder"] "/" key; printf "%s", plain(value) > file; close(file) }'; }`)

/** Shell function `filed folder`: passes a model through, with these files instead of variables. */
export const filedFunction = raw(String.raw`filed() { folder=$1 LC_ALL=C awk '
function json(word) { gsub(/\\/, "&&", word); gsub(/"/, "\\\\&", word); return "\"" word "\"" }
${follow}
depth == 1 { top = key }
(top == "configs" || top == "secrets") && depth == 2 && key != "" { definition = top "." key }
(top == "configs" || top == "secrets") && depth == 3 && key == "environment" { print "      \"file\": " json(ENVIRON["folder"] "/" definition) ($0 ~ /,$/ ? "," : ""); next }
{ print }'; }`)
