/* Ten thousand phones in one process: a WebSocket load client cheap enough not to be the bottleneck (epoll, one thread).
 *
 *   fanclient PORT PATH COUNT INFLIGHT CLOCK [TOKENS [SLOW]]
 *
 * CLOCK is a file whose first eight bytes are the instant (CLOCK_MONOTONIC, seconds, double) at which the present event
 * set out; whoever publishes writes it. With TOKENS, one a line, a socket is joined when "hello" has come, otherwise
 * when it is open. SLOW sockets, the first ones, read nothing once they are open.
 *
 * Commands on standard input, each answered by one line of JSON on standard output:
 *   join        open every socket that is not; each with the cursor of the last event it was given
 *   count       events since the last "mark"
 *   mark        their times in ms: p50, p99, max; and forget them
 *   drop N      reset N sockets at once
 *   check N     sockets that were given the numbers 1 to N of their stream once each
 *   open        sockets that are open
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLOSED, CONNECTING, UPGRADING, JOINING, OPEN };
enum { KEPT = 8192, WORDS = 16, CURSOR = 23, STDIN = -1 };

typedef struct {
    int fd, state, slow, have;
    unsigned doubled;
    uint64_t seen[WORDS]; /* bit n: number n of the stream has come */
    char cursor[CURSOR + 1], token[64];
    unsigned char kept[KEPT];
} Phone;

static Phone *phones;
static int count, inflight, port, poller, opening, joining, failed, lost, closes;
static const char *path;
static int has_tokens;
static volatile double *clock_file;
static double *times, join_began;
static int join_open;
static long times_n, times_room;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double processor(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

static int open_now(void) {
    int n = 0;
    for (int i = 0; i < count; i++) n += phones[i].state == OPEN;
    return n;
}

static void gone(Phone *p, int broken) {
    if (p->state == CLOSED) return;
    if (p->state != OPEN) opening--, failed++;
    else if (broken) lost++;
    p->state = CLOSED;
    p->have = 0;
    close(p->fd);
}

static void dial(int i) {
    Phone *p = &phones[i];
    struct linger reset = {1, 0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (p->fd < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset); /* no TIME_WAIT: the next round needs the ports */
    if (p->slow) {
        int small = 4096;
        setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    p->state = CONNECTING;
    p->have = 0;
    opening++;
    if (connect(p->fd, (void *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        gone(p, 1);
        return;
    }
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.u32 = i};
    epoll_ctl(poller, EPOLL_CTL_ADD, p->fd, &e);
}

static void upgrade(Phone *p, int i) {
    char ask[512];
    int n = snprintf(ask, sizeof ask,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
        path, port, has_tokens ? "Sec-WebSocket-Protocol: matpho.v1\r\n" : "");
    if (write(p->fd, ask, n) != n) {
        gone(p, 1);
        return;
    }
    p->state = UPGRADING;
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(poller, EPOLL_CTL_MOD, p->fd, &e);
}

static void say_hello(Phone *p) {
    char text[256];
    unsigned char frame[300] = {0x81};
    int n = p->cursor[0] ? snprintf(text, sizeof text, "{\"token\":\"%s\",\"since\":\"%s\"}", p->token, p->cursor)
                         : snprintf(text, sizeof text, "{\"token\":\"%s\"}", p->token);
    int at = 2;
    if (n < 126) frame[1] = 0x80 | n;
    else frame[1] = 0x80 | 126, frame[2] = n >> 8, frame[3] = n & 255, at = 4;
    at += 4; /* a mask of zeros */
    memcpy(frame + at, text, n);
    if (write(p->fd, frame, at + n) != at + n) gone(p, 1);
}

static void joined(Phone *p, int i) {
    p->state = OPEN;
    opening--;
    if (p->slow) epoll_ctl(poller, EPOLL_CTL_DEL, p->fd, 0);
    (void)i;
}

static void event(Phone *p, char *text, int n) {
    if (times_n == times_room) {
        times_room = times_room ? 2 * times_room : 65536;
        times = realloc(times, times_room * sizeof *times);
    }
    times[times_n++] = (now() - *clock_file) * 1e3;
    char *number = memmem(text, n, ",\"seq\":", 7), *cursor = memmem(text, n, "\"cursor\":\"", 10);
    for (char *next = number; next; next = memmem(next + 1, text + n - next - 1, ",\"seq\":", 7)) number = next;
    if (!number || !cursor) return;
    unsigned seq = atoi(number + 7);
    if (seq >= WORDS * 64) return;
    if (p->seen[seq / 64] >> (seq % 64) & 1) p->doubled++;
    p->seen[seq / 64] |= (uint64_t)1 << (seq % 64);
    memcpy(p->cursor, cursor + 10, CURSOR);
}

static void text(Phone *p, int i, char *said, int n) {
    if (p->state == JOINING && memmem(said, n < 60 ? n : 60, "\"hello\"", 7)) {
        if (!p->cursor[0]) memcpy(p->cursor, (char *)memmem(said, n, "\"cursor\":\"", 10) + 10, CURSOR);
        joined(p, i);
    } else if (memmem(said, n, "\"data\":", 7)) event(p, said, n);
}

static void frames(Phone *p, int i, unsigned char *b, int n) {
    int o = 0;
    while (n - o >= 2 && p->state != CLOSED) {
        int op = b[o] & 15, head = 2;
        long length = b[o + 1] & 127;
        if (length == 126) {
            if (n - o < 4) break;
            length = b[o + 2] << 8 | b[o + 3], head = 4;
        } else if (length == 127) { /* nobody sends us that much */
            gone(p, 1);
            return;
        }
        if (n - o < head + length) break;
        if (op == 1) text(p, i, (char *)b + o + head, length);
        else if (op == 8) {
            closes++;
            gone(p, 1);
            return;
        }
        o += head + length;
    }
    if (p->state == CLOSED) return;
    if (n - o > KEPT) {
        fprintf(stderr, "a frame of more than %d bytes\n", KEPT);
        exit(1);
    }
    memcpy(p->kept, b + o, n - o);
    p->have = n - o;
}

static void readable(Phone *p, int i) {
    static unsigned char b[1 << 16];
    memcpy(b, p->kept, p->have);
    int r = recv(p->fd, b + p->have, sizeof b - p->have - 1, 0);
    if (r == 0 || (r < 0 && errno != EAGAIN)) gone(p, 1);
    if (r <= 0) return;
    int n = p->have + r;
    if (p->state != UPGRADING) {
        frames(p, i, b, n);
        return;
    }
    b[n] = 0;
    char *end = strstr((char *)b, "\r\n\r\n");
    if (!end) {
        memcpy(p->kept, b, n);
        p->have = n;
        return;
    }
    if (strncmp((char *)b, "HTTP/1.1 101", 12)) {
        static int once;
        if (!once++) fprintf(stderr, "%.300s\n", b);
        gone(p, 1);
        return;
    }
    p->have = 0;
    if (has_tokens) {
        p->state = JOINING;
        say_hello(p);
    } else joined(p, i);
    if (p->state != CLOSED && !p->slow) frames(p, i, (unsigned char *)end + 4, n - (int)(end + 4 - (char *)b));
}

static void command(char *said) {
    int n = 0;
    if (!strncmp(said, "join", 4)) {
        joining = 1, failed = 0, join_open = open_now(), join_began = now();
        return; /* answered when all are open */
    }
    if (!strncmp(said, "count", 5)) printf("{\"events\":%ld}\n", times_n);
    else if (!strncmp(said, "mark", 4)) {
        qsort(times, times_n, sizeof *times, ascending);
        printf("{\"events\":%ld,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f,\"lost\":%d,\"closes\":%d,\"cpu\":%.3f}\n", times_n,
            times_n ? times[times_n / 2] : 0, times_n ? times[times_n * 99 / 100] : 0, times_n ? times[times_n - 1] : 0,
            lost, closes, processor());
        times_n = 0, lost = 0, closes = 0;
    } else if (!strncmp(said, "drop", 4)) {
        int wanted = atoi(said + 5);
        for (int i = count - 1; i >= 0 && n < wanted; i--)
            if (phones[i].state == OPEN) {
                phones[i].state = CLOSED;
                phones[i].have = 0;
                close(phones[i].fd);
                n++;
            }
        printf("{\"dropped\":%d}\n", n);
    } else if (!strncmp(said, "check", 5)) {
        int last = atoi(said + 6), whole = 0;
        long doubled = 0;
        for (int i = 0; i < count; i++) {
            int has = 1;
            for (int seq = 1; seq <= last; seq++) has &= phones[i].seen[seq / 64] >> (seq % 64) & 1;
            whole += has;
            doubled += phones[i].doubled;
        }
        printf("{\"whole\":%d,\"doubled\":%ld}\n", whole, doubled);
    } else if (!strncmp(said, "open", 4)) printf("{\"open\":%d}\n", open_now());
    fflush(stdout);
}

static void dial_more(void) {
    static int next;
    for (int looked = 0; looked < count && opening < inflight; looked++) {
        if (phones[next].state == CLOSED) dial(next);
        next = (next + 1) % count;
    }
    if (opening || failed > count) {
        if (failed <= count) return;
    } else if (open_now() < count) return;
    double took = now() - join_began;
    joining = 0;
    printf("{\"open\":%d,\"failed\":%d,\"seconds\":%.3f,\"per_s\":%.0f}\n", open_now(), failed, took,
        (open_now() - join_open) / took);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc < 6) return 2;
    port = atoi(argv[1]), path = argv[2], count = atoi(argv[3]), inflight = atoi(argv[4]);
    int f = open(argv[5], O_RDWR);
    clock_file = mmap(0, 8, PROT_READ, MAP_SHARED, f, 0);
    phones = calloc(count, sizeof *phones);
    if (argc > 6 && (has_tokens = argv[6][0] != '-')) {
        FILE *tokens = fopen(argv[6], "r");
        for (int i = 0; i < count; i++)
            if (!tokens || fscanf(tokens, "%63s", phones[i].token) != 1) return 2;
        fclose(tokens);
    }
    for (int i = 0; argc > 7 && i < atoi(argv[7]); i++) phones[i].slow = 1;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    poller = epoll_create1(0);
    struct epoll_event ready[512], in = {.events = EPOLLIN, .data.u32 = (uint32_t)STDIN};
    epoll_ctl(poller, EPOLL_CTL_ADD, 0, &in);
    for (;;) {
        if (joining) dial_more();
        int n = epoll_wait(poller, ready, 512, joining ? 100 : -1);
        for (int k = 0; k < n; k++) {
            uint32_t i = ready[k].data.u32;
            if (i == (uint32_t)STDIN) {
                char said[256];
                int r = read(0, said, 255);
                if (r <= 0) return 0;
                said[r] = 0;
                command(said);
                continue;
            }
            Phone *p = &phones[i];
            if (p->state == CONNECTING && ready[k].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
                int error = 0;
                socklen_t size = sizeof error;
                getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size);
                if (error) gone(p, 1);
                else upgrade(p, i);
            } else if (p->state != CLOSED) readable(p, i);
        }
    }
}
