-- Each answer has to be six different numbers from 1 to 45 in ascending order; wrk counts failed connections itself.
-- The pause keeps 64 connections busy without taking the machine from what is under test.
local threads = {}

function setup(thread)
  thread:set("wrong", 0)
  thread:set("right", 0)
  table.insert(threads, thread)
end

function delay()
  return math.random(50, 150)
end

local function is_lucky(body)
  local last, count = 0, 0
  for number in body:gmatch("%d+") do
    number = tonumber(number)
    if number <= last or number > 45 then return false end
    last, count = number, count + 1
  end
  return count == 6 and body:match("^%[[%d, ]+%]%s*$") ~= nil
end

function response(status, _, body)
  if status == 200 and is_lucky(body) then right = right + 1 else wrong = wrong + 1 end
end

function done(summary)
  local sums = { right = 0, wrong = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end
  end
  local errors = summary.errors
  io.write(string.format(
    '{"seconds": %.1f, "right": %d, "wrong": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}\n',
    summary.duration / 1e6, sums.right, sums.wrong,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
