-- The sliding log of `window.py`, on the Redis server's clock. `redis.py` prepends the constants.
-- Times are whole microseconds, which Redis sorts several times as fast as fractions.
-- KEYS: for each limit the slots (a sorted set of ids by the time each comes free) and the state (a hash).
-- ARGV: the operation, its own arguments, and for each limit its requests and window.

local clock = redis.call('TIME')
local now = clock[1] * 1e6 + clock[2]
local operation = ARGV[1]

local function keep(key, time)
  local needed = math.ceil(time / 1000)
  if redis.call('PTTL', key) < needed then
    redis.call('PEXPIRE', key, 2 * needed)
  end
end

local function load(key)
  local fields = redis.call('HMGET', key, 'born', 'bulk', 'paused', 'reservation', 'struck', 'strikes')
  if not fields[1] then
    redis.call('HSET', key, 'born', now)
    keep(key, MEMORY)
  end
  local state = {
    born = tonumber(fields[1] or now),
    bulk = tonumber(fields[2] or '-inf'),
    paused = tonumber(fields[3] or '-inf'),
    reservation = tonumber(fields[4] or '-inf'),
    strikes = 0,
  }
  if fields[6] then
    state.strikes = math.max(0, tonumber(fields[6]) - (now - tonumber(fields[5])) / RECOVERY)
  end
  return state
end

local function turn(log, free, slowness)
  local last = math.max(log.bulk, now - log.window)
  local step = PACE * log.window / log.requests
  local slots = redis.call('ZRANGE', log.slots, 0, HORIZON - 1, 'WITHSCORES')
  for i = 1, #slots / 2 do
    local slot = math.min(tonumber(slots[2 * i]), now + log.window)
    step = math.max(step, (slot - last) / math.max(free + i, 1))
  end
  return last + step * slowness
end

local function chance(log, bulk, ahead)
  redis.call('ZREMRANGEBYSCORE', log.slots, '-inf', now)
  local free = log.requests - redis.call('ZCARD', log.slots)
  local index = ahead % log.requests - free
  local earliest = now
  if index >= 0 then
    local slot = redis.call('ZRANGE', log.slots, index, index, 'WITHSCORES')[2]
    earliest = math.min(tonumber(slot), now + log.window)
  end
  earliest = math.max(earliest + math.floor(ahead / log.requests) * log.window, log.paused)
  if bulk then
    earliest = math.max(earliest, log.reservation)
    local slowness = 2 ^ math.max(0, log.strikes - 1)
    if log.requests - free >= BURST * log.requests / slowness then
      earliest = math.max(earliest, turn(log, free, slowness))
    end
  end
  return earliest
end

local function take(id, bulk, ahead)
  local logs, born, news, wait = {}, {}, false, -math.huge
  for i = 1, #KEYS / 2 do
    local log = load(KEYS[2 * i])
    log.slots, log.state = KEYS[2 * i - 1], KEYS[2 * i]
    log.requests, log.window = tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3])
    local known = tonumber(ARGV[3 * i + 4])
    if known > 0 and known ~= log.born then
      -- The caller took slots of late in a log that is lost: let a window pass since this one began.
      log.paused = math.max(log.paused, log.born + log.window)
      redis.call('HSET', log.state, 'paused', log.paused)
    end
    log.chance = chance(log, bulk, ahead)
    logs[i], born[i], news = log, log.born, news or known ~= log.born
    wait = math.max(wait, log.chance - now)
  end
  if ahead > 0 then
    return math.ceil(wait)
  end
  for _, log in ipairs(logs) do
    if wait <= 0 then
      redis.call('ZADD', log.slots, now + log.window + LEASE, id)
      keep(log.slots, log.window + LEASE)
      if bulk then
        redis.call('HSET', log.state, 'bulk', now)
      elseif log.reservation > now then
        redis.call('HSET', log.state, 'reservation', 0)
      end
    elseif log.chance > now and not bulk then
      redis.call('HSET', log.state, 'reservation', math.min(log.chance, now + POLL) + GRACE)
    end
    keep(log.state, math.max(log.window, log.paused - now) + MEMORY)
  end
  return wait > 0 and math.ceil(wait) or news and born
end

if operation == 'take' then
  return take(ARGV[2], ARGV[3] == 'bulk', tonumber(ARGV[4]))
elseif operation == 'settle' then
  for i = 1, #KEYS / 2 do
    local window = tonumber(ARGV[i + 2])
    redis.call('ZADD', KEYS[2 * i - 1], now + window, ARGV[2])
    keep(KEYS[2 * i - 1], window + LEASE)
  end
elseif operation == 'refund' then
  for i = 1, #KEYS / 2 do
    redis.call('ZREM', KEYS[2 * i - 1], ARGV[2])
  end
elseif operation == 'pause' then
  local state, pause = load(KEYS[2]), tonumber(ARGV[2])
  if now >= state.paused then
    redis.call('HSET', KEYS[2], 'strikes', math.min(state.strikes + 1, 4), 'struck', now)
  end
  redis.call('HSET', KEYS[2], 'paused', math.max(state.paused, now + pause))
  keep(KEYS[2], pause + MEMORY)
end
