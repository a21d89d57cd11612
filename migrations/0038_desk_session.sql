-- Who is signed in at the upload desk by OpenID Connect. A row is deleted when the session ends.
create table desk_session (
  -- SHA-256 of the token in the browser's cookie: whoever reads the table can't use it.
  token_sha256  text primary key check (token_sha256 ~ '^[0-9a-f]{64}$'),
  person        text not null check (length(person) between 3 and 320 and person = lower(person)),
  -- Those groups of the person that give a role; what they give is decided anew with each request.
  groups        text[] not null,
  created_at    timestamptz not null,
  seen_at       timestamptz not null,
  check (seen_at >= created_at)
);

create index desk_session_seen on desk_session (seen_at);
