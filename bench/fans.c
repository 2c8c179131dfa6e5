/* Many fans over HTTP/1.1 from one thread: each request at its planned moment, or each as soon as the last one was answered.

   argv: a plan, and a file for what came of it (see fans.py for both). Time is counted from the plan's start, and an answer's from
   the moment its request was planned for, so that waiting for this program or for a connection is never hidden. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct plan { uint32_t magic, port, asks, conns, texts, cycle, sources, seed; double start, seconds, patience; };
struct text { uint32_t offset, length; };
struct ask { double at; uint32_t conn, text, keep; uint16_t tries, last; };
struct record { double planned, late, sent, done; int32_t status; uint32_t ask, again, kept; };
struct job { double planned, late; uint32_t ask; uint16_t tries; struct job *next; };
struct later { double at; uint32_t ask; uint16_t tries; };

enum { CLOSED, CONNECTING, IDLE, SENDING, READING };
enum { REFUSED = -1, BROKEN = -2, LATE = -3 };
enum { HEAD = 16384, OUT = 1 << 20 };
enum { BY_LENGTH, BY_CHUNKS, BY_END };

struct conn {
    int fd, state, reused, tried_again, framing, closes, in_head, chunk_state, status;
    uint32_t used, asked, at_ask, sent_bytes, head_length, kept, keep;
    int64_t left;
    double sent, retry_after;
    struct job *job, *last;
    char *head, *keeping;
};

static struct plan *plan;
static struct text *texts;
static struct ask *asks;
static char *blob, out[OUT];
static struct conn *conns;
static uint32_t *mine, *first; /* the asks of each connection, for a plan without moments */
static struct later *heap;
static size_t later_count, later_room, out_length, busy;
static int epoll, out_fd;
static double zero, last_flush;
static uint64_t dice;
static volatile sig_atomic_t stopping;

static double clock_now(clockid_t which) {
    struct timespec at;
    clock_gettime(which, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static double now(void) { return clock_now(CLOCK_MONOTONIC) - zero; }

static double chance(void) {
    dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(dice >> 33) / 2147483648.0;
}

static void flush(void) {
    for (size_t at = 0; at < out_length;) {
        ssize_t done = write(out_fd, out + at, out_length - at);
        if (done < 0 && errno != EINTR) { perror("fans: writing"); exit(2); }
        if (done > 0) at += (size_t)done;
    }
    out_length = 0;
    last_flush = now();
}

static void put(const void *data, size_t length) {
    if (out_length + length > OUT) flush();
    memcpy(out + out_length, data, length);
    out_length += length;
}

/* What is to be asked again later: a heap with the next one on top. */
static void put_off(struct later what) {
    if (later_count == later_room) heap = realloc(heap, (later_room = 2 * later_room + 64) * sizeof *heap);
    size_t at = later_count++;
    for (; at && heap[(at - 1) / 2].at > what.at; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = what;
}

static struct later take_next(void) {
    struct later found = heap[0], moved = heap[--later_count];
    size_t at = 0, below;
    while ((below = 2 * at + 1) < later_count) {
        if (below + 1 < later_count && heap[below + 1].at < heap[below].at) below++;
        if (heap[below].at >= moved.at) break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = moved;
    return found;
}

static void hang_up(struct conn *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->state = CLOSED;
    c->reused = 0;
}

static void begin(struct conn *c);

/* The answer is here, or there will be none: write it down and go on with what this fan wants next. */
static void finish(struct conn *c, int status) {
    struct job *job = c->job;
    struct ask *ask = &asks[job->ask];
    struct record record = {job->planned, job->late, c->sent, now(), status, job->ask, (uint32_t)c->tried_again, c->kept};
    put(&record, sizeof record);
    if (c->kept) put(c->keeping, c->kept);
    if (status == 429 && job->tries > 1)
        put_off((struct later){record.done + c->retry_after + chance(), job->ask, (uint16_t)(job->tries - 1)});
    int done = status < 0 || c->closes || (ask->last && !(status == 429 && job->tries > 1));
    c->job = job->next;
    if (!c->job) c->last = NULL;
    free(job);
    free(c->keeping);
    c->keeping = NULL;
    c->kept = 0;
    c->tried_again = 0;
    busy--;
    if (done) hang_up(c); else { c->state = IDLE; c->reused = 1; }
    if (c->job && !stopping) begin(c);
}

static void lose(struct conn *c, int status) {
    if (c->reused && c->in_head && !c->head_length && !c->tried_again && status == BROKEN) { /* it was closed while it rested */
        hang_up(c);
        c->tried_again = 1;
        begin(c);
        return;
    }
    c->closes = 1;
    finish(c, status);
}

static int dial(struct conn *c) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)plan->port)};
    struct epoll_event want = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    int yes = 1;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) { perror("fans: a socket"); exit(2); }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (plan->sources > 1) { /* one address alone has too few ports for a stampede and its echoes */
        struct sockaddr_in here = {.sin_family = AF_INET};
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)(c - conns) % plan->sources);
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
        if (bind(c->fd, (struct sockaddr *)&here, sizeof here)) return -1;
    }
    c->state = CONNECTING;
    int refused = connect(c->fd, (struct sockaddr *)&there, sizeof there) && errno != EINPROGRESS;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &want)) { perror("fans: epoll"); exit(2); }
    return refused ? -1 : 0;
}

static void speak(struct conn *c) {
    struct text *text = &texts[asks[c->job->ask].text];
    while (c->sent_bytes < text->length) {
        ssize_t done = send(c->fd, blob + text->offset + c->sent_bytes, text->length - c->sent_bytes, MSG_NOSIGNAL);
        if (done < 0) {
            if (errno != EAGAIN) lose(c, BROKEN);
            return;
        }
        c->sent_bytes += (uint32_t)done;
    }
    c->state = READING;
    c->sent = now();
}

static void begin(struct conn *c) {
    struct ask *ask = &asks[c->job->ask];
    c->sent_bytes = c->head_length = 0;
    c->in_head = 1;
    c->closes = c->chunk_state = 0;
    c->left = 0;
    c->retry_after = 1;
    c->sent = 0;
    c->keep = ask->keep;
    c->kept = 0;
    if (c->keep && !c->keeping) c->keeping = malloc(c->keep);
    if (c->state == CLOSED) {
        if (dial(c)) lose(c, REFUSED);
        return;
    }
    c->state = SENDING;
    speak(c);
}

static void want(struct conn *c, uint32_t ask, uint16_t tries, double planned, double at) {
    struct job *job = malloc(sizeof *job);
    *job = (struct job){planned, at - planned, ask, tries, NULL};
    busy++;
    if (c->job) {
        c->last->next = job;
        c->last = job;
        return;
    }
    c->job = c->last = job;
    begin(c);
}

static void keep(struct conn *c, const char *data, size_t length) {
    size_t room = c->keep - c->kept;
    if (!c->keeping || !room) return;
    if (length > room) length = room;
    memcpy(c->keeping + c->kept, data, length);
    c->kept += (uint32_t)length;
}

static const char *header(const struct conn *c, const char *name) {
    size_t length = strlen(name);
    for (const char *line = strstr(c->head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n"))
        if (!strncasecmp(line + 2, name, length) && line[2 + length] == ':') {
            const char *value = line + 3 + length;
            while (*value == ' ') value++;
            return value;
        }
    return NULL;
}

static void understand(struct conn *c) {
    const char *value;
    c->status = (int)strtol(c->head + 9, NULL, 10);
    c->in_head = 0;
    c->closes = (value = header(c, "Connection")) && !strncasecmp(value, "close", 5);
    if ((value = header(c, "Retry-After"))) c->retry_after = strtod(value, NULL);
    if (c->status == 204 || c->status == 304) { c->framing = BY_LENGTH; c->left = 0; }
    else if ((value = header(c, "Transfer-Encoding")) && !strncasecmp(value, "chunked", 7)) c->framing = BY_CHUNKS;
    else if ((value = header(c, "Content-Length"))) { c->framing = BY_LENGTH; c->left = strtoll(value, NULL, 10); }
    else { c->framing = BY_END; c->closes = 1; }
    keep(c, c->head, c->head_length);
}

/* Chunks: 0 the size's digits, 1 the rest of that line, 2 data, 3 the line's end after data, 4 the lines after the last one. */
static int chunks(struct conn *c, const char *data, size_t length) {
    for (size_t at = 0; at < length; at++) {
        char sign = data[at];
        if (c->chunk_state == 0 && isxdigit((unsigned char)sign))
            c->left = c->left * 16 + (isdigit((unsigned char)sign) ? sign - '0' : tolower(sign) - 'a' + 10);
        else if (c->chunk_state <= 1) {
            c->chunk_state = 1;
            if (sign == '\n') { c->chunk_state = c->left ? 2 : 4; c->used = 0; }
        } else if (c->chunk_state == 2) {
            size_t here = length - at < (size_t)c->left ? length - at : (size_t)c->left;
            keep(c, data + at, here);
            at += here - 1;
            if (!(c->left -= (int64_t)here)) c->chunk_state = 3;
        } else if (c->chunk_state == 3) {
            if (sign == '\n') c->chunk_state = 0;
        } else if (sign == '\n') {
            if (!c->used) return 1; /* an empty line */
            c->used = 0;
        } else if (sign != '\r') c->used = 1;
    }
    return 0;
}

/* Take in what has come; 1 when the answer is whole. */
static int hear(struct conn *c, const char *data, size_t length) {
    if (c->in_head) {
        size_t before = c->head_length, from = before > 3 ? before - 3 : 0;
        size_t fits = length < HEAD - 1 - before ? length : HEAD - 1 - before;
        memcpy(c->head + before, data, fits);
        c->head[before + fits] = 0;
        char *end = strstr(c->head + from, "\r\n\r\n");
        if (!end) { c->head_length = (uint32_t)(before + fits); return 0; }
        c->head_length = (uint32_t)(end + 4 - c->head);
        end[4] = 0;
        size_t taken = c->head_length - before;
        understand(c);
        if (c->status < 200) { c->in_head = 1; c->head_length = 0; return hear(c, data + taken, length - taken); }
        data += taken;
        length -= taken;
    }
    if (c->framing == BY_CHUNKS) return chunks(c, data, length);
    keep(c, data, length);
    c->left -= (int64_t)length;
    return c->framing == BY_LENGTH && c->left <= 0;
}

static void listen_to(struct conn *c) {
    static char buffer[1 << 17];
    while (c->fd >= 0) {
        ssize_t length = recv(c->fd, buffer, sizeof buffer, 0);
        if (length < 0 && errno == EAGAIN) return;
        if (length <= 0) {
            if (c->state == IDLE) hang_up(c);
            else if (!length && c->state == READING && !c->in_head && c->framing == BY_END) finish(c, c->status);
            else lose(c, BROKEN);
            return;
        }
        if (c->state != READING) { hang_up(c); return; } /* nobody asked */
        if (hear(c, buffer, (size_t)length)) { finish(c, c->status); return; }
        if (c->in_head && c->head_length >= HEAD - 1) { lose(c, BROKEN); return; }
    }
}

static void happens(struct conn *c, uint32_t events) {
    if (c->fd < 0) return;
    if (c->state == CONNECTING && events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
        int fault = 0;
        socklen_t size = sizeof fault;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
        if (fault) { lose(c, fault == ECONNREFUSED ? REFUSED : BROKEN); return; }
        c->state = SENDING;
    }
    if (c->state == SENDING && c->job) speak(c);
    if (c->fd >= 0 && events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) listen_to(c);
}

static void give_up(double at) {
    for (uint32_t n = 0; n < plan->conns; n++)
        if (conns[n].job && at - conns[n].job->planned > plan->patience) {
            conns[n].closes = 1;
            finish(&conns[n], LATE);
        }
}

static void next_in_line(struct conn *c) { /* without moments: the fan's next ask, or the first one again */
    uint32_t n = (uint32_t)(c - conns), count = first[n + 1] - first[n];
    if (c->job || !count || (c->asked >= count && !plan->cycle)) return;
    double at = now();
    uint32_t ask = mine[first[n] + c->asked++ % count];
    want(c, ask, asks[ask].tries, at, at);
}

static void sort_out(void) {
    first = calloc(plan->conns + 2, sizeof *first);
    mine = calloc(plan->asks + 1, sizeof *mine);
    for (uint32_t n = 0; n < plan->asks; n++) first[asks[n].conn + 2]++;
    for (uint32_t n = 2; n < plan->conns + 2; n++) first[n] += first[n - 1];
    for (uint32_t n = 0; n < plan->asks; n++) mine[first[asks[n].conn + 1]++] = n;
}

static void play(void) {
    static struct epoll_event events[512];
    uint32_t at_ask = 0;
    int closed = plan->seconds > 0;
    double checked = 0, end = closed ? plan->seconds : 0;
    for (;;) {
        double at = now(), next = at + 0.05;
        if (stopping || (closed && at >= end + plan->patience)) break;
        while (later_count && heap[0].at <= at) {
            struct later again = take_next();
            want(&conns[asks[again.ask].conn], again.ask, again.tries, again.at, at);
        }
        if (closed) {
            int more = 0;
            for (uint32_t n = 0; at < end && n < plan->conns; n++) { next_in_line(&conns[n]); more |= conns[n].job != NULL; }
            if (!more && !busy && (!later_count || at >= end)) break;
            if (at >= end) next = at + 0.01;
        } else {
            for (; at_ask < plan->asks && asks[at_ask].at <= at; at_ask++)
                want(&conns[asks[at_ask].conn], at_ask, asks[at_ask].tries, asks[at_ask].at, at);
            if (at_ask == plan->asks && !later_count && !busy) break;
            if (at_ask < plan->asks && asks[at_ask].at < next) next = asks[at_ask].at;
        }
        if (later_count && heap[0].at < next) next = heap[0].at;
        if (at - checked > 0.2) { give_up(at); checked = at; }
        if (out_length && at - last_flush > 0.05) flush();
        double pause = (next - now()) * 1000;
        int found = epoll_wait(epoll, events, 512, pause <= 0 ? 0 : (int)pause + 1);
        for (int n = 0; n < found; n++) {
            struct conn *c = events[n].data.ptr;
            happens(c, events[n].events);
            if (closed && now() < end) next_in_line(c);
        }
    }
}

static void stop(int number) { (void)number; stopping = 1; }

int main(int count, char **words) {
    if (count != 3) { fprintf(stderr, "fans PLAN RESULT\n"); return 2; }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, stop);
    struct stat size;
    int in = open(words[1], O_RDONLY | O_CLOEXEC);
    if (in < 0 || fstat(in, &size) || (out_fd = open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0) {
        perror("fans");
        return 2;
    }
    char *all = mmap(NULL, (size_t)size.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, in, 0);
    plan = (struct plan *)all;
    if (all == MAP_FAILED || plan->magic != 0x46414e53) { fprintf(stderr, "fans: that is no plan\n"); return 2; }
    asks = (struct ask *)(all + sizeof *plan);
    texts = (struct text *)(asks + plan->asks);
    blob = (char *)(texts + plan->texts);
    conns = calloc(plan->conns, sizeof *conns);
    for (uint32_t n = 0; n < plan->conns; n++) { conns[n].fd = -1; conns[n].head = malloc(HEAD); }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < plan->conns + 16) { fprintf(stderr, "fans: only %ju files may be open\n", (uintmax_t)files.rlim_cur); return 2; }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    dice = plan->seed * 2654435761ULL + 1;
    sort_out();
    zero = clock_now(CLOCK_MONOTONIC) + (plan->start > 0 ? plan->start - clock_now(CLOCK_REALTIME) : 0);
    for (double left; (left = -now()) > 0;) usleep(left > 0.05 ? 20000 : 500);
    double began = clock_now(CLOCK_MONOTONIC);
    play();
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    struct record end = {cpu, clock_now(CLOCK_MONOTONIC) - began, 0, now(), 0, UINT32_MAX, 0, 0};
    put(&end, sizeof end);
    flush();
    return 0;
}
