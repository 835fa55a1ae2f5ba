/*
 * Removes what pg_dump's own `--clean` does not know about: objects created since, and their references to the old ones.
 * Schemas stay, and so does what belongs to an extension or to another user. All statements are generated before the first
 * one runs, because each may remove what a later one names.
 */
const owned = (catalog: string, row: string, owner: string): string =>
  `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_has_role(${owner}, 'USAGE')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${row}.oid AND d.deptype = 'e')`

/**
 * Statements that take away everything that a user owns in a PostgreSQL database: tables before the sequences in them, then
 * functions and types. It is one statement, so that it stands in the transaction of what is loaded after it.
 */
export const emptyPostgres = `SET client_min_messages = warning;
DO $srv$
DECLARE
  statements text[];
  statement text;
BEGIN
  SELECT array_agg(one.text ORDER BY one.rank) INTO statements FROM (
    SELECT CASE c.relkind WHEN 'S' THEN 2 ELSE 1 END AS rank,
      format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
        WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${owned('pg_class', 'c', 'c.relowner')}
    UNION ALL
    SELECT 3, format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE ${owned('pg_proc', 'p', 'p.proowner')}
    UNION ALL
    SELECT 4, format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname)
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE (t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c') AND ${owned('pg_type', 't', 't.typowner')}
  ) one;
  FOREACH statement IN ARRAY coalesce(statements, ARRAY[]::text[]) LOOP EXECUTE statement; END LOOP;
END
$srv$;
RESET client_min_messages;`

/** Ends a truncated script, even in the middle of the rows of a table, so that nothing of it is committed. */
export const halfPostgres = String.raw`
\.
DO $srv$ BEGIN RAISE EXCEPTION 'the dump could not be read'; END $srv$;`
