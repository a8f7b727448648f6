/** Tables of every kind, and rows, names and functions that a careless reader of dumps would stumble over. */
export const SCHEMA = `
  create schema "we""ird";
  create table public.members (id int primary key, name text);
  insert into members select number, repeat(md5(number::text), 3) from generate_series(1, 3000) number;
  create table "we""ird"."ta""ble; Type: X" (line text);
  insert into "we""ird"."ta""ble; Type: X" values ('-- PostgreSQL database dump complete'), ('\\.'), ('\\unrestrict x'),
    (E'x\\n--\\n-- PostgreSQL database dump complete\\n--\\n\\n');
  create table empty_one (a int);
  create table left_out (a int); insert into left_out values (1);
  create unlogged table fleeting (a int generated always as identity, n serial);
  create table parent (day int, note text) partition by range (day);
  create table child partition of parent for values from (0) to (10);
  insert into parent values (1, 'x');
  create view seen as select * from members;
  create materialized view counted as select count(*) from members;
  create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
  create foreign table far (a int) server nowhere;
  create sequence numbers;
  create table numbered (id int generated always as identity, n serial); insert into numbered default values;
  create function told() returns text language plpgsql as $f$ begin
-- PostgreSQL database dump complete
return 'COPY t FROM stdin;
\\.
'; end $f$;
  create function plus(x int) returns int language sql begin atomic select x; select x + 1; end;
  comment on table empty_one is E'it''s\\nCOPY public.members (id) FROM stdin;\\n';
  select lo_from_bytea(0, 'hello'::bytea), lo_from_bytea(0, decode(repeat('00', 9000), 'hex'))`;
