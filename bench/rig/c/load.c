// Many questions at once, so lean that it is never the limit: one thread, one epoll loop.
//
//   load PORT CONNECTIONS SECONDS WARM_SECONDS STAGGER_MS MOST_REQUESTS TOKENS STAMPED LEAVES END_MARK RUN < REQUEST
//
// Each connection asks anew as soon as it is answered, until the time is over or so many were asked (0: no limit).
// Every run of 32 `@` in the request becomes an id that was never sent before; RUN makes it differ between runs.
// An answer is whole when it is a 200 with exactly so many tokens and its end mark, and no error event; all others
// are errors. With STAMPED, tokens carry the microsecond at which they were sent. Answers that are open when the time
// is over are waited for, or left with LEAVES. Prints one line of JSON; only what comes after WARM_SECONDS is timed.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long long u64;

enum { STAMP = 16, ID = 32, KEPT = 64, MOST_READ = 1 << 20, MOST_REQUEST = 1 << 17, MOST_EVENTS = 1024, MOST_IDS = 512 };
static const u64 PATIENCE_US = 60000000;
static const char *MARK = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";

typedef struct {
  int file;  // -1 when there is no connection
  int is_open, is_busy, status, tokens, has_ended, has_failed;
  u64 asked_at, starts_at;
  char kept[KEPT];  // the last bytes that were read, so that nothing is missed where two reads meet
  int kept_length;
} Connection;

typedef struct {
  unsigned *values;
  size_t count, room;
} Times;

static Connection *connections;
static Times first_tokens, latencies;
static char request[MOST_REQUEST], *ids[MOST_IDS], bytes[MOST_READ + KEPT];
static const char *end_mark, *run;
static int port, request_length, id_count, poll_file, many, expected, is_stamped, leaves;
static u64 most, asked, whole, errors, all_tokens, tokens, events, whole_in_time, warm_at, over_at;

static u64 now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (u64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void note(Times *times, u64 value) {
  if (times->count == times->room) {
    times->room = times->room ? times->room * 2 : 65536;
    times->values = realloc(times->values, times->room * sizeof *times->values);
  }
  times->values[times->count++] = value > 0xffffffffu ? 0xffffffffu : value;
}

static int ascending(const void *a, const void *b) {
  unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return x < y ? -1 : x > y;
}

static double share_ms(const Times *times, double share) {
  return times->count ? times->values[(size_t)(share * (times->count - 1) + 0.5)] / 1000.0 : -1;
}

static void ask(Connection *it);

static void drop(Connection *it) {
  epoll_ctl(poll_file, EPOLL_CTL_DEL, it->file, 0);
  close(it->file);
  it->file = -1;
}

static void end_answer(Connection *it, int is_good) {
  u64 now = now_us();
  it->is_busy = 0;
  if (is_good && it->status == 200 && it->tokens == expected && it->has_ended && !it->has_failed) {
    whole++;
    whole_in_time += now >= warm_at && now < over_at;
  } else {
    errors++;
  }
  if (now < over_at) ask(it);
}

static void send_request(Connection *it) {
  char id[ID + 1];
  snprintf(id, sizeof id, "%.16s%016llu", run, ++asked);
  for (int i = 0; i < id_count; i++) memcpy(ids[i], id, ID);
  it->asked_at = now_us();
  if (send(it->file, request, request_length, MSG_NOSIGNAL) != request_length) it->has_failed = 1;
}

static void ask(Connection *it) {
  if (most && asked >= most) return;
  *it = (Connection){.file = it->file, .is_open = it->is_open, .starts_at = it->starts_at, .is_busy = 1};
  if (it->file >= 0) {
    send_request(it);
    return;
  }
  int yes = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  it->file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  it->is_open = 0;
  setsockopt(it->file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = it};
  if (it->file < 0 || (connect(it->file, (void *)&address, sizeof address) && errno != EINPROGRESS)) exit(1);
  epoll_ctl(poll_file, EPOLL_CTL_ADD, it->file, &event);
}

static void connected(Connection *it) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(it->file, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) {
    drop(it);
    it->is_busy = 0;
    errors++;
    return;
  }
  it->is_open = 1;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = it};
  epoll_ctl(poll_file, EPOLL_CTL_MOD, it->file, &event);
  send_request(it);
}

static void count_tokens(Connection *it, const char *end, u64 now, int is_timed) {
  int length = is_stamped ? STAMP + 1 : 1;
  const char *fresh = bytes + it->kept_length, *at = bytes;
  while ((at = memchr(at, '~', end - at)) && end - at >= length) {
    at += length;
    if (at <= fresh) continue;  // it was counted when it was read
    all_tokens++;
    tokens += is_timed;
    if (it->tokens++ == 0 && it->asked_at >= warm_at) note(&first_tokens, now - it->asked_at);
    if (is_stamped && is_timed) {
      char stamp[STAMP + 1] = {0};
      u64 sent_at = strtoull(memcpy(stamp, at - STAMP, STAMP), 0, 10);
      if (sent_at <= now) note(&latencies, now - sent_at);
    }
  }
}

static int has_fresh(Connection *it, const char *end, const char *mark) {
  size_t length = strlen(mark);
  const char *fresh = bytes + it->kept_length, *from = fresh - length + 1;
  if (from < bytes) from = bytes;
  return memmem(from, end - from, mark, length) != 0;
}

static void count_events(Connection *it, const char *end) {
  const char *fresh = bytes + it->kept_length, *at = bytes;
  while ((at = memmem(at, end - at, "data: ", 6))) events += (at += 6) > fresh;
}

static void read_some(Connection *it) {
  memcpy(bytes, it->kept, it->kept_length);
  ssize_t got = recv(it->file, bytes + it->kept_length, MOST_READ, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    drop(it);
    if (it->is_busy) end_answer(it, 0);
    return;
  }
  if (!it->is_busy) {  // bytes that nobody asked for
    errors++;
    return;
  }
  u64 now = now_us();
  int is_timed = now >= warm_at && now < over_at, length = it->kept_length + got;
  char *end = bytes + length;
  if (!it->status && length >= 12) it->status = atoi(bytes + 9);
  count_tokens(it, end, now, is_timed);
  if (is_timed) count_events(it, end);
  it->has_ended |= has_fresh(it, end, end_mark);
  it->has_failed |= has_fresh(it, end, "event: error");
  int is_over = length >= 7 && !memcmp(end - 7, "\r\n0\r\n\r\n", 7);
  it->kept_length = length < KEPT ? length : KEPT;
  memcpy(it->kept, end - it->kept_length, it->kept_length);
  if (it->status && it->status != 200) {
    drop(it);
    end_answer(it, 0);
  } else if (is_over) {
    it->kept_length = 0;
    end_answer(it, 1);
  }
}

static int busy_count(void) {
  int count = 0;
  for (int i = 0; i < many; i++) count += connections[i].is_busy;
  return count;
}

static void read_request(void) {
  request_length = fread(request, 1, MOST_REQUEST - 1, stdin);
  for (char *at = request; (at = strstr(at, MARK)); at += ID) ids[id_count++] = at;
}

int main(int count, char **words) {
  if (count != 12) return 2;
  port = atoi(words[1]);
  many = atoi(words[2]);
  double seconds = atof(words[3]), warm_seconds = atof(words[4]), stagger_ms = atof(words[5]);
  most = atoll(words[6]);
  expected = atoi(words[7]);
  is_stamped = atoi(words[8]);
  leaves = atoi(words[9]);
  end_mark = words[10];
  run = words[11];
  read_request();
  connections = calloc(many, sizeof *connections);
  poll_file = epoll_create1(0);
  u64 began_at = now_us(), ended_at;
  warm_at = began_at + (u64)(warm_seconds * 1e6);
  over_at = began_at + (u64)(seconds * 1e6);
  for (int i = 0; i < many; i++)
    connections[i] = (Connection){.file = -1, .starts_at = began_at + (u64)(stagger_ms * 1000 * i / many)};
  struct epoll_event happened[MOST_EVENTS];
  for (int started = 0;;) {
    u64 now = ended_at = now_us();
    for (; started < many && connections[started].starts_at <= now; started++) ask(&connections[started]);
    if (now >= over_at && (leaves || !busy_count() || now > over_at + PATIENCE_US)) break;
    if (most && asked >= most && !busy_count()) break;
    struct timespec patience = {0, started < many ? 500000 : 20000000};
    int happening = epoll_pwait2(poll_file, happened, MOST_EVENTS, &patience, 0);
    for (int i = 0; i < happening; i++) {
      Connection *it = happened[i].data.ptr;
      if (it->is_open) read_some(it);
      else connected(it);
    }
  }
  int open = busy_count();
  if (!leaves) errors += open;
  qsort(first_tokens.values, first_tokens.count, sizeof(unsigned), ascending);
  qsort(latencies.values, latencies.count, sizeof(unsigned), ascending);
  double timed = ((ended_at < over_at ? ended_at : over_at) - warm_at) / 1e6;
  printf("{\"seconds\": %.6f, \"asked\": %llu, \"whole\": %llu, \"left\": %d, \"errors\": %llu, \"all_tokens\": %llu, "
         "\"tokens_per_second\": %.3f, \"answers_per_second\": %.3f, \"events_per_second\": %.3f, "
         "\"first_token_p50_ms\": %.3f, \"first_token_p95_ms\": %.3f, \"latency_p50_ms\": %.3f, "
         "\"latency_p95_ms\": %.3f, \"latency_p99_ms\": %.3f}\n",
         (ended_at - began_at) / 1e6, asked, whole, leaves ? open : 0, errors, all_tokens, tokens / timed,
         whole_in_time / timed, events / timed, share_ms(&first_tokens, .5), share_ms(&first_tokens, .95),
         share_ms(&latencies, .5), share_ms(&latencies, .95), share_ms(&latencies, .99));
}
