-- A shop for plants and what they need: the database of `cargo xtask demo`. 23 tables with rows, and the views,
-- functions, triggers, types and policies that such a database has after some years.

create schema stock;

create type order_status as enum ('cart', 'placed', 'paid', 'sent', 'delivered', 'cancelled');
create type payment_method as enum ('card', 'transfer', 'invoice', 'voucher');
create type light_need as enum ('shade', 'half', 'full');

create domain money_amount as numeric(12,2) constraint money_amount_not_negative check (value >= 0);
create domain email_address as text constraint email_address_shape check (value ~ '^[^@ ]+@[^@ ]+\.[a-z]+$');

create type parcel_size as (width_cm integer, height_cm integer, depth_cm integer);

create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function touch_updated_at() is 'Keeps updated_at in step with every change';

create function slug(title text) returns text language sql immutable strict as $$
  select trim(both '-' from regexp_replace(lower(title), '[^a-z0-9]+', '-', 'g'))
$$;

create table customers (
  id bigint generated always as identity primary key,
  name text not null,
  email email_address not null,
  phone varchar(20),
  fax varchar(20),
  birthday date,
  newsletter boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customers_email_key unique (email),
  constraint customers_name_check check (name <> '')
);
comment on table customers is 'Whoever has bought something, or opened an account';
create index customers_name_idx on customers (lower(name));
create trigger customers_touch before update on customers for each row execute function touch_updated_at();

create table addresses (
  id bigint generated always as identity primary key,
  customer_id bigint not null references customers (id) on delete cascade,
  street text not null,
  postcode varchar(10) not null,
  town text not null,
  country char(2) not null default 'NL',
  is_billing boolean not null default false
);
create index addresses_customer_id_idx on addresses (customer_id);
create unique index addresses_one_billing_idx on addresses (customer_id) where is_billing;
alter table addresses enable row level security;
create policy addresses_own on addresses
  using (customer_id = nullif(current_setting('shop.customer', true), '')::bigint);

create table categories (
  id integer generated always as identity primary key,
  parent_id integer references categories (id),
  name text not null,
  position integer not null default 0,
  constraint categories_parent_id_name_key unique (parent_id, name)
);

create table suppliers (
  id serial primary key,
  name text not null unique,
  contact_email email_address,
  lead_time interval not null default '7 days'
);

create table products (
  id bigint generated always as identity primary key,
  sku varchar(12) not null unique,
  title text not null,
  slug text generated always as (slug(title)) stored,
  category_id integer not null references categories (id),
  supplier_id integer references suppliers (id) on delete set null,
  price money_amount not null,
  weight_grams integer not null,
  light light_need,
  size parcel_size,
  attributes jsonb not null default '{}',
  active boolean not null default true,
  updated_at timestamptz not null default now(),
  constraint products_weight_grams_check check (weight_grams > 0)
);
comment on column products.attributes is 'What the shop page shows in its table';
create index products_category_id_idx on products (category_id) where active;
create index products_attributes_idx on products using gin (attributes jsonb_path_ops);
create trigger products_touch before update on products for each row
  when (old.price is distinct from new.price) execute function touch_updated_at();

create table product_images (
  product_id bigint not null references products (id) on delete cascade,
  position smallint not null,
  url text not null,
  alt text,
  primary key (product_id, position)
);

create table tags (id integer generated always as identity primary key, name text not null unique);

create table product_tags (
  product_id bigint not null references products (id) on delete cascade,
  tag_id integer not null references tags (id) on delete cascade,
  primary key (product_id, tag_id)
);
create index product_tags_tag_id_idx on product_tags (tag_id);

create table promotions (
  id integer generated always as identity primary key,
  name text not null,
  percent integer not null,
  valid daterange not null,
  constraint promotions_percent_check check (percent between 1 and 90),
  constraint promotions_valid_excl exclude using gist (valid with &&)
);

create table stock.warehouses (
  id integer generated always as identity primary key,
  code varchar(5) not null unique,
  town text not null,
  main_bin_id bigint
);

create table stock.bins (
  id bigint generated always as identity primary key,
  warehouse_id integer not null references stock.warehouses (id),
  label text not null,
  constraint bins_warehouse_id_label_key unique (warehouse_id, label)
);
alter table stock.warehouses add constraint warehouses_main_bin_id_fkey
  foreign key (main_bin_id) references stock.bins (id) deferrable initially deferred;

create table stock.levels (
  product_id bigint not null references products (id),
  bin_id bigint not null references stock.bins (id),
  quantity integer not null default 0,
  counted_on date,
  primary key (product_id, bin_id),
  constraint levels_quantity_check check (quantity >= 0)
);

create table stock.movements (
  id bigint generated always as identity primary key,
  product_id bigint not null references products (id),
  bin_id bigint not null references stock.bins (id),
  quantity integer not null,
  reason text not null default 'sale',
  moved_at timestamptz not null default now(),
  constraint movements_reason_check check (reason in ('sale', 'return', 'delivery', 'count'))
);
create index movements_product_id_moved_at_idx on stock.movements (product_id, moved_at desc);
create statistics stock.movements_product_bin (dependencies) on product_id, bin_id from stock.movements;

create table orders (
  id bigint generated always as identity primary key,
  number text not null unique,
  customer_id bigint not null references customers (id),
  ship_to bigint references addresses (id),
  status order_status not null default 'cart',
  note text,
  placed_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint orders_placed_check check (status = 'cart' or placed_at is not null)
);
create index orders_customer_id_idx on orders (customer_id);
create index orders_open_idx on orders (placed_at) where status in ('placed', 'paid');
create trigger orders_touch before update on orders for each row execute function touch_updated_at();

create sequence order_number start 20001 owned by orders.number;
create function next_order_number() returns text language sql volatile as $$
  select 'P' || nextval('public.order_number')::text
$$;
alter table orders alter column number set default next_order_number();

create table order_items (
  order_id bigint not null references orders (id) on delete cascade,
  line smallint not null,
  product_id bigint not null references products (id),
  quantity integer not null default 1,
  unit_price money_amount not null,
  primary key (order_id, line),
  constraint order_items_quantity_check check (quantity > 0)
);
create index order_items_product_id_idx on order_items (product_id);

create table payments (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  method payment_method not null,
  amount money_amount not null,
  paid_at timestamptz not null default now(),
  reference text,
  constraint payments_reference_check check (method <> 'transfer' or reference is not null)
);

create table refunds (
  payment_id bigint primary key references payments (id),
  amount money_amount not null,
  reason text
);

create table carriers (id smallint primary key, name text not null unique, tracking_url text);

create table shipments (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders (id),
  carrier_id smallint not null references carriers (id),
  tracking_code text,
  sent_at timestamptz not null,
  delivered_at timestamptz,
  constraint shipments_in_order check (delivered_at is null or delivered_at >= sent_at)
);

create table reviews (
  id bigint generated always as identity primary key,
  product_id bigint not null references products (id) on delete cascade,
  customer_id bigint references customers (id) on delete set null,
  stars smallint not null,
  text text,
  written_at timestamptz not null default now(),
  constraint reviews_stars_check check (stars between 1 and 5),
  constraint reviews_once unique (product_id, customer_id)
);

create table wishlists (
  customer_id bigint not null references customers (id) on delete cascade,
  product_id bigint not null references products (id) on delete cascade,
  added_at timestamptz not null default now(),
  primary key (customer_id, product_id)
);

create table vouchers (
  code text primary key,
  balance money_amount not null,
  expires date,
  constraint vouchers_code_check check (code = upper(code))
);

create table audit_log (
  id bigint generated always as identity primary key,
  table_name text not null,
  row_id bigint,
  action text not null,
  who text not null default current_user,
  at timestamptz not null default now()
);
create rule audit_log_stays as on delete to audit_log do instead nothing;

create function log_change() returns trigger language plpgsql security definer as $$
begin
  insert into public.audit_log (table_name, row_id, action) values (tg_table_name, coalesce(new.id, old.id), tg_op);
  return null;
end
$$;
create trigger orders_log after insert or update of status on orders for each row execute function log_change();
create trigger payments_log after insert on payments for each row execute function log_change();

create function stock.take() returns trigger language plpgsql as $$
begin
  update stock.levels set quantity = quantity + new.quantity
   where product_id = new.product_id and bin_id = new.bin_id;
  return new;
end
$$;
create trigger movements_take after insert on stock.movements for each row
  when (new.reason <> 'count') execute function stock.take();

create view order_totals as
  select o.id, o.number, o.status, o.placed_at, sum(i.quantity * i.unit_price) as total, sum(i.quantity) as pieces
    from orders o join order_items i on i.order_id = o.id
   group by o.id;
comment on view order_totals is 'What each order is worth';

create view open_orders as
  select t.number, c.name as customer, c.email, t.total, t.placed_at
    from order_totals t join orders o on o.id = t.id join customers c on c.id = o.customer_id
   where t.status in ('placed', 'paid');

create view product_ratings as
  select p.id, p.title, round(avg(r.stars), 1) as stars, count(r.id) as reviews
    from products p left join reviews r on r.product_id = p.id
   group by p.id;

create view stock.shortages as
  select p.sku, p.title, sum(l.quantity) as left_over
    from products p join stock.levels l on l.product_id = p.id
   where p.active
   group by p.id
  having sum(l.quantity) < 5;

create view active_products with (security_barrier = true) as
  select id, sku, title, price, weight_grams from products where active
  with local check option;

create materialized view monthly_sales as
  select date_trunc('month', t.placed_at at time zone 'UTC') as month, count(*) as orders, sum(t.total) as revenue
    from order_totals t
   where t.status not in ('cart', 'cancelled')
   group by 1
  with no data;
create unique index monthly_sales_month_idx on monthly_sales (month);

create function customer_revenue(customer bigint) returns numeric language sql stable as $$
  select coalesce(sum(t.total), 0) from public.order_totals t join public.orders o on o.id = t.id
   where o.customer_id = customer and o.status <> 'cancelled'
$$;

create procedure expire_vouchers(today date default current_date) language sql as $$
  update public.vouchers set balance = 0 where expires < today
$$;

-- Rows. Nothing is random: each run of the demo sees the same.

insert into customers (name, email, phone, fax, newsletter, birthday)
select (array['Ama', 'Bente', 'Chidi', 'Dana', 'Emil', 'Farid', 'Greta'])[1 + i % 7] || ' '
         || (array['Visser', 'Okoro', 'Lind', 'Marek', 'Santos'])[1 + i % 5],
       'customer' || i || '@example.org', '+31 6 ' || (10000000 + i * 7919), case when i % 9 = 0 then '+31 20 ' || i end,
       i % 3 = 0, date '1960-01-01' + i * 37
  from generate_series(1, 400) i;

insert into addresses (customer_id, street, postcode, town, is_billing)
select 1 + i % 400, 'Lindenlaan ' || i, (1000 + i % 9000) || ' AB',
       (array['Utrecht', 'Delft', 'Zwolle', 'Breda'])[1 + i % 4], i <= 400
  from generate_series(1, 520) i;

insert into categories (parent_id, name, position) values
  (null, 'Plants', 1), (null, 'Pots', 2), (null, 'Care', 3),
  (1, 'Ferns', 1), (1, 'Palms', 2), (1, 'Succulents', 3), (2, 'Terracotta', 1), (3, 'Soil', 1), (3, 'Tools', 2);

insert into suppliers (name, contact_email, lead_time) values
  ('Green Valley', 'sales@greenvalley.example', '3 days'), ('Clayworks', 'hello@clay.example', '14 days'),
  ('Roots and Co', null, '7 days');

insert into products (sku, title, category_id, supplier_id, price, weight_grams, light, size, attributes)
select 'PL-' || lpad(i::text, 5, '0'), (array['Tall', 'Small', 'Hanging', 'Old'])[1 + i % 4] || ' '
         || (array['Fern', 'Palm', 'Aloe', 'Pot', 'Trowel'])[1 + i % 5] || ' No. ' || i,
       4 + i % 6, case when i % 10 > 0 then 1 + i % 3 end, 2.5 + i % 60, 150 + i * 11 % 4000,
       (array['shade', 'half', 'full'])[1 + i % 3]::light_need, row(10 + i % 30, 20 + i % 90, 10 + i % 30)::parcel_size,
       jsonb_build_object('pet_safe', i % 2 = 0, 'height_cm', 20 + i % 90)
  from generate_series(1, 150) i;

insert into product_images select i, n, 'https://img.example/' || i || '-' || n || '.jpg', null
  from generate_series(1, 150) i, generate_series(1, 2) n;
insert into tags (name) values ('new'), ('sale'), ('pet safe'), ('easy');
insert into product_tags select i, 1 + i % 4 from generate_series(1, 150) i;
insert into promotions (name, percent, valid) values
  ('Spring', 10, '[2026-03-01,2026-04-01)'), ('Summer', 20, '[2026-07-01,2026-08-01)');

insert into stock.warehouses (code, town) values ('UTR', 'Utrecht'), ('BRE', 'Breda');
insert into stock.bins (warehouse_id, label) select 1 + i % 2, 'R' || i from generate_series(1, 20) i;
update stock.warehouses w set main_bin_id = (select min(b.id) from stock.bins b where b.warehouse_id = w.id);
insert into stock.levels select i, 1 + i % 20, i * 7 % 40, date '2026-10-01' from generate_series(1, 150) i;

insert into orders (customer_id, ship_to, status, placed_at, note)
select c, (select min(id) from addresses where customer_id = c),
       (array['placed', 'paid', 'sent', 'delivered', 'delivered', 'cancelled'])[1 + i % 6]::order_status,
       timestamptz '2025-11-01 09:00 UTC' + i * interval '8 hours', case when i % 25 = 0 then 'leave at the door' end
  from (select i, 1 + i * 13 % 400 as c from generate_series(1, 900) i) x;
insert into order_items
select o.id, n, 1 + (o.id * 7 + n) % 150, 1 + n % 3, 4.95 + (o.id + n) % 40
  from orders o, generate_series(1, 3) n where n <= 1 + o.id % 3;

insert into payments (order_id, method, amount, reference)
select t.id, (array['card', 'transfer', 'invoice'])[1 + t.id % 3]::payment_method, t.total, 'REF' || t.id
  from order_totals t where t.status in ('paid', 'sent', 'delivered');
insert into refunds select id, amount / 2, 'arrived broken' from payments where id % 40 = 0;

insert into carriers values (1, 'Post', 'https://post.example/{code}'), (2, 'Wheels', null);
insert into shipments (order_id, carrier_id, tracking_code, sent_at, delivered_at)
select id, 1 + id % 2, 'T' || id, placed_at + interval '1 day',
       case when status = 'delivered' then placed_at + interval '3 days' end
  from orders where status in ('sent', 'delivered');

insert into reviews (product_id, customer_id, stars, text)
select 1 + i % 150, 1 + i * 3 % 400, 1 + i % 5, case when i % 4 = 0 then 'Arrived well packed' end
  from generate_series(1, 300) i;
insert into wishlists (customer_id, product_id) select 1 + i % 400, 1 + i * 7 % 150 from generate_series(1, 300) i;
insert into vouchers values ('WELCOME', 10, '2027-01-01'), ('THANKYOU', 25, null);
insert into stock.movements (product_id, bin_id, quantity, reason)
select l.product_id, l.bin_id, 2, 'delivery' from stock.levels l;

refresh materialized view monthly_sales;
