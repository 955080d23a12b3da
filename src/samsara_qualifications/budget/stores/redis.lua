-- The sliding log of `window.py`, on the Redis server's clock. `redis.py` prepends the constants.
-- Times are whole microseconds, which Redis sorts several times as fast as fractions.
-- KEYS: for each limit the slots (a sorted set of ids by the time each comes free) and the state (a hash).
-- The slots hold BORN, too, at minus the time at which the log began: so the loss of either key shows.

local clock = redis.call('TIME')
local now = clock[1] * 1e6 + clock[2]
local BORN = 'log'

local function load(i)
  local log = { slots = KEYS[2 * i - 1], state = KEYS[2 * i] }
  local fields = redis.call('HMGET', log.state, 'born', 'turn', 'rate', 'rated', 'reservation', 'paused', 'since', 'why',
    'count', 'written')
  log.born = tonumber(fields[1] or 0)
  log.turn = tonumber(fields[2] or '-inf')
  log.rate = tonumber(fields[3] or 0)
  log.rated = tonumber(fields[4] or 0)
  log.reservation = tonumber(fields[5] or '-inf')
  log.paused = tonumber(fields[6] or '-inf')
  log.since, log.why = tonumber(fields[7] or 0), fields[8] or ''
  log.count, log.written = tonumber(fields[9] or 0), tonumber(fields[10] or 0)
  return log
end

local function keep(log)
  redis.call('PEXPIRE', log.slots, KEEP)
  redis.call('PEXPIRE', log.state, KEEP)
end

local function pause(log, till, why)
  if till > math.max(now, log.paused) then
    log.paused, log.since, log.why = till, now, why
    redis.call('HSET', log.state, 'paused', till, 'since', now, 'why', why)
  end
end

-- Begin a log that is new, lost a part, is an old state (a replica that lagged), or was written by a clock
-- that has been set back since. Return what the caller should hear of.
local function begin(log, known, count, wait)
  local score = redis.call('ZSCORE', log.slots, BORN)
  local part = score or log.born > 0
  local whole = score and log.born == -tonumber(score) and log.written < now + POLL
  if whole and known == log.born and count > log.count then
    whole = false
  end
  if not whole then
    redis.call('DEL', log.slots)
    if log.written > now then
      log.paused, log.turn, log.rate = log.paused + now - log.written, now, 0
    end
    log.born = now
    redis.call('HSET', log.state, 'born', now, 'written', now, 'rate', log.rate, 'turn', math.max(log.turn, 0))
    redis.call('ZADD', log.slots, -now, BORN)
  end
  if (known > 0 and known ~= log.born) or (part and not whole) then
    pause(log, log.born + log.window, 'lost')
    return 'log_lost'
  end
  if not whole then
    if wait then
      pause(log, now + log.window, 'new')
    end
    return 'log_new'
  end
  return ''
end

local function rate(log)
  return log.rate * math.exp(math.min(0, log.rated - now) / (MEMORY * log.window))
end

local function slot(log, index)
  return tonumber(redis.call('ZRANGE', log.slots, index + 1, index + 1, 'WITHSCORES')[2])
end

local function reach(log, left)
  local unseen = (left + 1) * log.window / (BURST * log.requests)
  local of_late = rate(log)
  if of_late * log.window < 1 then
    return unseen
  end
  local expected = (math.sqrt(MARGIN * MARGIN / 4 + left) - MARGIN / 2) ^ 2
  return math.min(unseen, expected / of_late)
end

local function chance(log, bulk)
  redis.call('ZREMRANGEBYSCORE', log.slots, 0, now)
  local used = redis.call('ZCARD', log.slots) - 1
  local free = log.requests - used
  local earliest = now
  if free < 1 then
    earliest = math.min(slot(log, -free), now + log.window)
  end
  earliest = math.max(earliest, log.paused)
  if bulk then
    earliest = math.max(earliest, log.reservation)
    if used >= BURST * log.requests then
      earliest = math.max(earliest, log.turn)
    end
    if used > 0 and free > 0 then
      local following = math.min(slot(log, 0), now + log.window)
      earliest = math.max(earliest, following - reach(log, free - 1))
    end
  end
  return earliest
end

-- ARGV: the slot's id, its lane, whether to wait for a new log, whether it was asked for before, and for
-- each limit its requests, its window, and of the log in which the caller took slots of late when it began,
-- and how many it had counted.
-- Returns the microseconds to wait; which limit says so; how long it is paused, since when, and why; and
-- for each limit when its log began, how many it has counted, and what the caller should hear of.
local function take(id, bulk, wait, again)
  local logs, slowest, reply = {}, nil, {}
  for i = 1, #KEYS / 2 do
    local log = load(i)
    log.number, log.requests, log.window = i, tonumber(ARGV[4 * i + 2]), tonumber(ARGV[4 * i + 3])
    log.news = begin(log, tonumber(ARGV[4 * i + 4]), tonumber(ARGV[4 * i + 5]), wait)
    log.chance = again and redis.call('ZSCORE', log.slots, id) and now or chance(log, bulk)
    keep(log)
    if not slowest or log.chance > slowest.chance then
      slowest = log
    end
    logs[i] = log
  end
  local seconds = math.ceil(slowest.chance - now)
  local left = math.max(0, math.ceil(slowest.paused - now))
  reply[1], reply[2], reply[3], reply[4], reply[5] = seconds, slowest.number, left, now - slowest.since, slowest.why
  for i, log in ipairs(logs) do
    if seconds <= 0 then
      redis.call('ZADD', log.slots, now + log.window + LEASE, id)
      log.count = log.count + 1
      local turn = math.min(math.max(log.turn, now) + log.window / log.requests, now + log.window)
      redis.call('HSET', log.state, 'turn', turn, 'count', log.count, 'written', now)
      if not bulk then
        redis.call('HSET', log.state, 'rate', rate(log) + 1 / (MEMORY * log.window), 'rated', now, 'reservation', 0)
      end
    elseif log.chance > now and not bulk then
      redis.call('HSET', log.state, 'reservation', math.min(log.chance, now + POLL) + GRACE)
    end
    reply[3 * i + 3], reply[3 * i + 4], reply[3 * i + 5] = log.born, log.count, log.news
  end
  return reply
end

-- ARGV: the slot's id, and for each limit the microseconds from now until it comes free.
local function settle(id)
  for i = 1, #KEYS / 2 do
    local left = tonumber(ARGV[i + 2])
    if left <= 0 then
      redis.call('ZREM', KEYS[2 * i - 1], id)
    elseif redis.call('ZSCORE', KEYS[2 * i - 1], BORN) then
      redis.call('ZADD', KEYS[2 * i - 1], now + left, id)
    end
  end
end

-- ARGV: for each limit its window. Returns for each how many slots are used, how many of them by requests
-- under way, the rate of interactive ones as text, and how long it is paused, since when, and why.
local function use()
  local reply = {}
  for i = 1, #KEYS / 2 do
    local log = load(i)
    log.window = tonumber(ARGV[i + 1])
    reply[i] = {
      redis.call('ZCOUNT', log.slots, now + 1, '+inf'), redis.call('ZCOUNT', log.slots, now + log.window + 1, '+inf'),
      tostring(rate(log) * 1e6), math.max(0, log.paused - now), now - log.since, log.why,
    }
  end
  return reply
end

if ARGV[1] == 'take' then
  return take(ARGV[2], ARGV[3] == 'bulk', ARGV[4] == '1', ARGV[5] == '1')
elseif ARGV[1] == 'settle' then
  return settle(ARGV[2])
elseif ARGV[1] == 'use' then
  return use()
elseif ARGV[1] == 'pause' then
  local log = load(1)
  pause(log, now + tonumber(ARGV[2]), ARGV[3])
  keep(log)
end
