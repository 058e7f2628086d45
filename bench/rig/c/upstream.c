// An OpenAI-compatible upstream that costs next to nothing: one thread, one epoll loop.
//
//   upstream PORT
//
// The last message orders the answer: `/tokens N`, and `/every US` microseconds between two tokens, `/wait MS`
// before the first, `/write N` tokens with one write (0: all). With a pace every token carries the microsecond at
// which it was sent. GET tells how often it was asked.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long long u64;

enum { MOST_FILES = 65536, MOST_REQUEST = 1 << 17, MOST_EVENTS = 512, MOST_ANSWERS = 64 };

static const char *HEAD =
    "HTTP/1.1 200 OK\r\ndate: Sat, 01 Jan 2000 00:00:00 GMT\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    "openai-organization: org-bench\r\nopenai-processing-ms: 12\r\nopenai-version: 2020-10-01\r\n"
    "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n"
    "x-request-id: req_0123456789abcdef0123456789abcdef\r\ntransfer-encoding: chunked\r\n\r\n";
static const char *CHUNK =
    "{\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrs\",\"object\":\"chat.completion.chunk\",\"created\":1795226400,"
    "\"model\":\"bench-model-2026-01-01\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":[";
static const char *OBFUSCATION = ",\"obfuscation\":\"abcdef\"}";
static const char *WORDS[] = {"~the", " ~and", "~ing", " ~quick", "~a", " ~model", ",~ of", "~s"};

typedef struct {  // an answer without a pace, made once and sent again and again
  int tokens;
  char *bytes;
  size_t length;
  size_t *end_of_token;  // the last one is the end of the answer
} Answer;

typedef struct {
  int file;
  char request[MOST_REQUEST];
  int received;
  int is_answering;
  const Answer *answer;  // when there is no pace
  size_t sent;
  int token, per_write, is_ready, waits_for_room;
  u64 next, every;  // when there is one, in microseconds
  int left, total, place;  // place in the queue, -1 when not in it
} Connection;

static Answer answers[MOST_ANSWERS];
static int answers_made;
static Connection *queue[MOST_FILES], *ready[MOST_FILES];
static int queued, ready_count, poll_file;
static u64 times_asked;

static u64 now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (u64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int put_event(char *to, const char *data) {
  return sprintf(to, "%zx\r\ndata: %s\n\n\r\n", strlen(data) + 8, data);
}

static int put_choice(char *to, const char *delta, const char *finish_reason) {
  char data[1024];
  sprintf(data, "%s{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}],\"usage\":null%s", CHUNK, delta,
          finish_reason, OBFUSCATION);
  return put_event(to, data);
}

static int put_token(char *to, const char *text) {
  char delta[64];
  sprintf(delta, "{\"content\":\"%s\"}", text);
  return put_choice(to, delta, "null");
}

static int put_beginning(char *to) {
  int length = sprintf(to, "%s", HEAD);
  return length + put_choice(to + length, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null");
}

static int put_end(char *to, int tokens) {
  char data[1024];
  int length = put_choice(to, "{}", "\"stop\"");
  sprintf(data,
          "%s],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":%d,\"total_tokens\":%d,"
          "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0}}%s",
          CHUNK, tokens, tokens + 42, OBFUSCATION);
  length += put_event(to + length, data);
  length += put_event(to + length, "[DONE]");
  return length + sprintf(to + length, "0\r\n\r\n");
}

static const Answer *answer_of(int tokens) {
  for (int i = 0; i < answers_made; i++)
    if (answers[i].tokens == tokens) return &answers[i];
  if (answers_made == MOST_ANSWERS) exit(1);
  Answer *made = &answers[answers_made++];
  char *at = made->bytes = malloc((size_t)tokens * 512 + 8192);
  made->end_of_token = malloc(sizeof(size_t) * tokens);
  made->tokens = tokens;
  at += put_beginning(at);
  for (int i = 0; i < tokens; i++) {
    at += put_token(at, WORDS[i % 8]);
    made->end_of_token[i] = at - made->bytes;
  }
  at += put_end(at, tokens);
  made->length = made->end_of_token[tokens - 1] = at - made->bytes;
  return made;
}

// The queue of paced answers: a heap by the time of the next token.

static void swap(int a, int b) {
  Connection *kept = queue[a];
  queue[a] = queue[b];
  queue[b] = kept;
  queue[a]->place = a;
  queue[b]->place = b;
}

static void rise(int at) {
  for (; at > 0 && queue[(at - 1) / 2]->next > queue[at]->next; at = (at - 1) / 2) swap(at, (at - 1) / 2);
}

static void sink(int at) {
  for (;;) {
    int first = at, left = 2 * at + 1;
    if (left < queued && queue[left]->next < queue[first]->next) first = left;
    if (left + 1 < queued && queue[left + 1]->next < queue[first]->next) first = left + 1;
    if (first == at) return;
    swap(at, first);
    at = first;
  }
}

static void enqueue(Connection *it) {
  it->place = queued;
  queue[queued++] = it;
  rise(it->place);
}

static void dequeue(Connection *it) {
  int at = it->place;
  if (at < 0) return;
  swap(at, --queued);
  it->place = -1;
  if (at < queued) {
    Connection *moved = queue[at];
    rise(at);
    sink(moved->place);
  }
}

static void watch(Connection *it, int waits_for_room) {
  it->waits_for_room = waits_for_room;
  struct epoll_event event = {.events = EPOLLIN | (waits_for_room ? EPOLLOUT : 0), .data.ptr = it};
  epoll_ctl(poll_file, EPOLL_CTL_MOD, it->file, &event);
}

static void not_ready(Connection *it) {
  if (!it->is_ready) return;
  it->is_ready = 0;
  for (int i = 0; i < ready_count; i++)
    if (ready[i] == it) ready[i] = ready[--ready_count];
}

static void hang_up(Connection *it) {
  dequeue(it);
  not_ready(it);
  epoll_ctl(poll_file, EPOLL_CTL_DEL, it->file, 0);
  close(it->file);
  free(it);
}

// One write of an answer without a pace. Where there is more to write at once, the connection stays among the ready.
static void write_some(Connection *it) {
  int last = it->per_write ? it->token + it->per_write - 1 : it->answer->tokens - 1;
  if (last >= it->answer->tokens) last = it->answer->tokens - 1;
  size_t end = it->answer->end_of_token[last];
  ssize_t written = send(it->file, it->answer->bytes + it->sent, end - it->sent, MSG_NOSIGNAL);
  if (written > 0) it->sent += written;
  if (it->sent < end) {
    not_ready(it);
    if (written >= 0 || errno == EAGAIN) watch(it, 1);
    return;
  }
  it->token = last + 1;
  if (it->sent == it->answer->length) {
    not_ready(it);
    it->is_answering = 0;
  } else if (!it->is_ready) {
    it->is_ready = 1;
    ready[ready_count++] = it;
  }
}

static int send_paced_token(Connection *it) {
  char out[8192], text[32];
  int length = it->left == it->total ? put_beginning(out) : 0;
  sprintf(text, "~%016llu", now_us());
  length += put_token(out + length, text);
  it->left--;
  it->next += it->every;
  if (it->left == 0) length += put_end(out + length, it->total);
  if (send(it->file, out, length, MSG_NOSIGNAL) != length) return 0;
  if (it->left == 0) {
    dequeue(it);
    it->is_answering = 0;
  } else {
    sink(it->place);
  }
  return 1;
}

static int ordered(const char *orders, const char *name, int otherwise) {
  const char *found = strstr(orders, name);
  return found ? atoi(found + strlen(name)) : otherwise;
}

static void begin_answer(Connection *it, const char *body) {
  const char *orders = body;
  for (const char *next = body; (next = strstr(next, "/tokens ")); next++) orders = next;
  int tokens = ordered(orders, "/tokens ", 1), every = ordered(orders, "/every ", 0);
  int wait_ms = ordered(orders, "/wait ", 0);
  times_asked++;
  it->is_answering = 1;
  if (every || wait_ms) {
    it->left = it->total = tokens;
    it->every = every;
    it->next = now_us() + (u64)wait_ms * 1000;
    enqueue(it);
  } else {
    it->answer = answer_of(tokens);
    it->per_write = ordered(orders, "/write ", 1);
    it->sent = it->token = 0;
    write_some(it);
  }
}

static void tell_times_asked(Connection *it) {
  char out[256], count[32];
  sprintf(count, "%llu", times_asked);
  int length = sprintf(out, "HTTP/1.1 200 OK\r\ncontent-length: %zu\r\n\r\n%s", strlen(count), count);
  if (send(it->file, out, length, MSG_NOSIGNAL) != length) exit(1);
}

static void answer_what_is_whole(Connection *it) {
  while (!it->is_answering) {
    it->request[it->received] = 0;
    char *end_of_head = strstr(it->request, "\r\n\r\n");
    if (!end_of_head) return;
    char *length = strcasestr(it->request, "\r\ncontent-length:");
    int head = end_of_head + 4 - it->request, body = length && length < end_of_head ? atoi(length + 17) : 0;
    if (it->received < head + body) return;
    char behind = it->request[head + body];
    it->request[head + body] = 0;
    if (it->request[0] == 'G') tell_times_asked(it);
    else begin_answer(it, it->request + head);
    it->request[head + body] = behind;
    it->received -= head + body;
    memmove(it->request, it->request + head + body, it->received);
  }
}

static void accept_all(int listener) {
  int yes = 1, room = 1 << 20, file;
  while ((file = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(file, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    Connection *it = calloc(1, sizeof *it);
    it->file = file;
    it->place = -1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = it};
    epoll_ctl(poll_file, EPOLL_CTL_ADD, file, &event);
  }
}

static void serve(Connection *it, unsigned events) {
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    ssize_t got = recv(it->file, it->request + it->received, MOST_REQUEST - 1 - it->received, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
      hang_up(it);
      return;
    }
    if (got > 0) it->received += got;
    answer_what_is_whole(it);
  }
  if (events & EPOLLOUT && it->waits_for_room) {
    watch(it, 0);
    write_some(it);
    answer_what_is_whole(it);
  }
}

static int wait_for_events(struct epoll_event *events) {
  struct timespec until = {0, 0}, *patience = 0;
  if (!ready_count && queued) {
    u64 now = now_us(), wait = queue[0]->next > now ? queue[0]->next - now : 0;
    until = (struct timespec){wait / 1000000, wait % 1000000 * 1000};
  }
  if (ready_count || queued) patience = &until;
  return epoll_pwait2(poll_file, events, MOST_EVENTS, patience, 0);
}

int main(int count, char **words) {
  if (count != 2) return 2;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) {
    perror("upstream");
    return 1;
  }
  poll_file = epoll_create1(0);
  struct epoll_event events[MOST_EVENTS], listening = {.events = EPOLLIN, .data.ptr = 0};
  epoll_ctl(poll_file, EPOLL_CTL_ADD, listener, &listening);
  for (;;) {
    int happened = wait_for_events(events);
    for (int i = 0; i < happened; i++) {
      if (events[i].data.ptr) serve(events[i].data.ptr, events[i].events);
      else accept_all(listener);
    }
    static Connection *round[MOST_FILES];  // everyone ready now has one turn
    int turns = ready_count;
    memcpy(round, ready, turns * sizeof *round);
    for (int i = 0; i < turns; i++) {
      write_some(round[i]);
      answer_what_is_whole(round[i]);
    }
    for (u64 now = now_us(); queued && queue[0]->next <= now;) {
      Connection *it = queue[0];
      if (send_paced_token(it)) answer_what_is_whole(it);
      else hang_up(it);
    }
  }
}
