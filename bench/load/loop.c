/* The epoll loop: it reads whoever has something to say. */
#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "load.h"

static int epoll = -1, timer = -1;
static uint64_t looked_in_vain_ns;

static void start(void) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &timer};
    epoll = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
}

void loop_add(int fd, void *who) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
    if (epoll < 0) start();
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl: %d", errno);
}

void loop_remove(int fd) { epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

void loop_wake_at(uint64_t ns) {
    struct itimerspec when = {.it_value = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)}};
    if (epoll < 0) start();
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

uint64_t loop_cpu_ns(void) { return own_cpu_ns() - looked_in_vain_ns; }

static void handle(const struct epoll_event *events, int count) {
    for (int i = 0; i < count; i++) {
        void *who = events[i].data.ptr;
        if (who == &timer) {
            uint64_t times;
            if (read(timer, &times, sizeof times) < 0) continue;
        } else if (is_publisher(who)) {
            publisher_read();
        } else if (is_page_reader(who)) {
            page_answered(who);
        } else {
            read_client(who);
        }
    }
}

void loop_turn(int milliseconds) {
    struct epoll_event events[256];
    if (epoll < 0) start();
    handle(events, epoll_wait(epoll, events, 256, milliseconds));
}

void loop_turn_awake(int milliseconds) {
    struct epoll_event events[256];
    if (epoll < 0) start();
    uint64_t began = now_ns(), cpu = own_cpu_ns(), latest = cpu;
    int count;
    while (!(count = epoll_wait(epoll, events, 256, 0)) && now_ns() - began < (uint64_t)milliseconds * 1000000) {
        sched_yield(); /* the broker is on this core too */
        latest = own_cpu_ns();
    }
    looked_in_vain_ns += latest - cpu;
    handle(events, count);
}
