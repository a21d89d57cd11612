-- Calls that ask the provider for a member's active plans, beside those that register.

-- register: switches auto-recharge on. plans: only asks, changes nothing at the provider.
alter table attempt add column call text not null default 'register' check (call in ('register', 'plans'));

-- While sending: which call is under way. A lost inquiry says nothing of the record, a lost registration may have worked.
alter table enrollment add column sending_call text check (sending_call in ('register', 'plans'));
update enrollment set sending_call = 'register' where status = 'sending';
alter table enrollment add check ((status = 'sending') = (sending_call is not null));
