-- Two roles for one database: matpho_owner owns the tables and migrates them, matpho is the application's. What the
-- application may is given after each migration by the owner (neighborhoods/grants.py): rows of every table, but of the
-- audit chain, its heads and the ledger only SELECT and INSERT.
--
-- Stop the product, then, as PostgreSQL's own superuser, for a new database or for one that matpho has owned so far:
--   sudo -u postgres psql -f deploy/postgres.sql
--   sudo -u postgres psql -c '\password matpho' -c '\password matpho_owner'
-- In /etc/matpho.env: DATABASE_URL=postgres://matpho:…@/matpho and MIGRATE_DATABASE_URL=postgres://matpho_owner:…@/matpho
--
-- Other names: -v database=… -v owner=… -v app=…   Running it again changes nothing.
\set ON_ERROR_STOP on
\if :{?database} \else \set database matpho \endif
\if :{?owner} \else \set owner matpho_owner \endif
\if :{?app} \else \set app matpho \endif

SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY[:'owner', :'app']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

-- A superuser, or a member of the owner's role, could lift everything again.
ALTER ROLE :"app" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE :"owner" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
REVOKE :"owner" FROM :"app";
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC, :"app";
GRANT CONNECT ON DATABASE :"database" TO :"app";

\connect :database
REASSIGN OWNED BY :"app" TO :"owner";
ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"app";
GRANT USAGE ON SCHEMA public TO :"app";
