#!/bin/sh
# Works out what things cost, and comes to its end: the web server waits for that.
set -eu
printf 'bread %s\n' "$CURRENCY 3.20" > /prices/prices.txt
