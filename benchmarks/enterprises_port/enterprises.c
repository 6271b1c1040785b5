/* The enterprises pass in C, with the same keys, records and arrays as fundsim.kernels.enterprises: the yardstick of its speed. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef int64_t i64;
typedef uint64_t u64;

typedef struct {
    u64 key; i64 sector;
    double log_entry_value[3], clock[3], log_step_up[3], share_sold[3];
    double growth, variance_drift, stalled_drift, volatility, outcomes[5], slopes[5][2], failure_clock[2], option_pool;
} Stage;
typedef struct {
    double quality_effect, quality_years; i64 filings; double refile_years, listing_share[3];
    double listed_growth, listed_volatility, premium[3];
    i64 n_buckets; double recovery, linger_years, stalled_growth, failure_rate, merger_rate; i64 preference;
    u64 listing_key, stall_key, merger_key, bridge_key, listed_key, failure_key;
} Sector;
typedef struct {
    double minimum, review_years, pass_probability; i64 sell_down; double lock_up_years, late_entry[2];
} Board;
typedef struct {
    u64 key; i64 sector, stage, is_poisson, most_arrivals; double per_year, log_growth, from_years, until_years;
} Stream;
typedef struct {
    i64 vehicle; u64 vehicle_stream; i64 number; double years, patience; i64 period, last_period; double park_share;
    i64 candidates; double skill[3]; u64 manager; i64 row, entry;
} Deal;

/* All members are 8 bytes wide; the order is that of run.py. */
typedef struct {
    i64 T, m, S, X, P, D, W, F, K, G, most_boards, most_buckets, first_path, n_paths; u64 seed_key; i64 is_antithetic;
    Stage *stages; Sector *sectors; Board *boards; i64 *sector_boards; double *buckets; double *tables; i64 table_rows;
    Stream *streams; Deal *deals; double *entry_cumulative; double *window_factors; double *sector_beta;
    double *factors; i64 *window_state;
    double *window, *factor_part, *times; i64 *places;
    i64 *first_row, *n_park; double *financing_clock; u64 *key; i64 *origin, *number, *sector, *first_stage;
    double *quality; i64 *entry_date, *n_rounds;
    i64 *round_period; double *round_pre, *round_sold; i64 *n_segments, *segment_from, *segment_to;
    double *segment_open, *segment_close; i64 *segment_stage, *wait_period, *filing_period, *stall_period, *failure_period, *end_kind, *end_period;
    double *end_value, *end_multiple; i64 *board; double *listing_share; i64 *first_event, *event_order;
} World;

/* The records as this file declares them, for run.py to compare with those of the kernels before it calls. */
#define KIND(x) _Generic((x), i64: 'i', u64: 'u', double: 'f', double *: 'f', double (*)[2]: 'f')
#define FIELD(type, name) {#type, #name, KIND(((type *)0)->name), offsetof(type, name), sizeof(((type *)0)->name)}
#define RECORD(type) {#type, "all of it", 'V', 0, sizeof(type)}
#define ARRAY(name) {"Block", #name, 'p', offsetof(World, name), sizeof(((World *)0)->name)}
typedef struct { const char *record, *name; char kind; u64 offset, size; } Field;
const Field fields[] = {
    RECORD(Stage), RECORD(Sector), RECORD(Board), RECORD(Stream), RECORD(Deal),
    FIELD(Stage, key), FIELD(Stage, sector), FIELD(Stage, log_entry_value), FIELD(Stage, clock), FIELD(Stage, log_step_up),
    FIELD(Stage, share_sold), FIELD(Stage, growth), FIELD(Stage, variance_drift), FIELD(Stage, stalled_drift), FIELD(Stage, volatility),
    FIELD(Stage, outcomes), FIELD(Stage, slopes), FIELD(Stage, failure_clock), FIELD(Stage, option_pool),
    FIELD(Sector, quality_effect), FIELD(Sector, quality_years), FIELD(Sector, filings), FIELD(Sector, refile_years),
    FIELD(Sector, listing_share), FIELD(Sector, listed_growth), FIELD(Sector, listed_volatility), FIELD(Sector, premium),
    FIELD(Sector, n_buckets), FIELD(Sector, recovery), FIELD(Sector, linger_years), FIELD(Sector, stalled_growth), FIELD(Sector, failure_rate),
    FIELD(Sector, merger_rate), FIELD(Sector, preference), FIELD(Sector, listing_key), FIELD(Sector, stall_key),
    FIELD(Sector, merger_key), FIELD(Sector, bridge_key), FIELD(Sector, listed_key), FIELD(Sector, failure_key),
    FIELD(Board, minimum), FIELD(Board, review_years), FIELD(Board, pass_probability), FIELD(Board, sell_down),
    FIELD(Board, lock_up_years), FIELD(Board, late_entry),
    FIELD(Stream, key), FIELD(Stream, sector), FIELD(Stream, stage), FIELD(Stream, is_poisson), FIELD(Stream, most_arrivals),
    FIELD(Stream, per_year), FIELD(Stream, log_growth), FIELD(Stream, from_years), FIELD(Stream, until_years),
    FIELD(Deal, vehicle), FIELD(Deal, vehicle_stream), FIELD(Deal, number), FIELD(Deal, years), FIELD(Deal, patience),
    FIELD(Deal, period), FIELD(Deal, last_period), FIELD(Deal, park_share), FIELD(Deal, candidates), FIELD(Deal, skill),
    FIELD(Deal, manager), FIELD(Deal, row), FIELD(Deal, entry),
    ARRAY(first_row), ARRAY(n_park), ARRAY(financing_clock), ARRAY(key), ARRAY(origin), ARRAY(number), ARRAY(sector), ARRAY(first_stage), ARRAY(quality),
    ARRAY(entry_date), ARRAY(n_rounds), ARRAY(round_period), ARRAY(round_pre), ARRAY(round_sold), ARRAY(n_segments),
    ARRAY(segment_from), ARRAY(segment_to), ARRAY(segment_open), ARRAY(segment_close), ARRAY(segment_stage), ARRAY(wait_period), ARRAY(filing_period),
    ARRAY(stall_period), ARRAY(failure_period), ARRAY(end_kind), ARRAY(end_period), ARRAY(end_value), ARRAY(end_multiple), ARRAY(board),
    ARRAY(listing_share), ARRAY(first_event), ARRAY(event_order),
};
const i64 n_fields = sizeof(fields) / sizeof(fields[0]), n_words = sizeof(World) / sizeof(i64);

enum { ADVANCE, LISTING, MERGER, FAILURE, STALL };
enum { ALIVE, LISTED, MERGED, FAILED };
#define NEVER (1LL << 40)
#define SLACK 1e-9
#define CLOCK_SLACK 1e-12

/* Random numbers */

static const u64 KEY_WORD = 0x66756e6473696d20ULL;    /* "fundsim " */
static const u64 DERIVE = 0x6465726976652020ULL;      /* "derive  " */
static const u64 UNIFORM = 0x756e69666f726d20ULL;     /* "uniform " */

static inline u64 rotated(u64 x, int bits) { return (x << bits) | (x >> (64 - bits)); }

static inline void threefry(u64 c0, u64 c1, u64 k0, u64 k1, u64 *out) {
    static const int R[8] = {16, 42, 12, 31, 16, 32, 24, 21};
    const u64 ks[3] = {k0, k1, 0x1BD11BDAA9FC1A22ULL ^ k0 ^ k1};
    u64 x0 = c0 + k0, x1 = c1 + k1;
#pragma GCC unroll 20
    for (int r = 0; r < 20; r++) {
        x0 += x1; x1 = rotated(x1, R[r % 8]) ^ x0;
        if (r % 4 == 3) { int i = r / 4 + 1; x0 += ks[i % 3]; x1 += ks[(i + 1) % 3] + (u64)i; }
    }
    out[0] = x0; out[1] = x1;
}

static inline u64 derive(u64 key, u64 word) { u64 x[2]; threefry(word, DERIVE, key, KEY_WORD, x); return x[0]; }
static inline double unit(u64 word) { return ((double)(i64)(word >> 12) + 0.5) * 0x1p-52; }
static inline void pair(u64 key, u64 n, double *u) {
    u64 x[2]; threefry(n, UNIFORM, key, KEY_WORD, x); u[0] = unit(x[0]); u[1] = unit(x[1]);
}
static inline double uniform(u64 key, u64 n) { double u[2]; pair(key, n >> 1, u); return u[n & 1]; }

static inline double poly(double x, double a, double b, double c, double d, double e, double f, double g, double h) {
    double x2 = x * x, low = (a + b * x) + (c + d * x) * x2, high = (e + f * x) + (g + h * x) * x2;
    return low + high * (x2 * x2);
}

/* Algorithm AS 241, PPND16. */
static inline double normal(double u) {
    double q = u - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * (poly(r, 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
                         4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3)
                    / poly(r, 1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
                           2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3));
    }
    double r = sqrt(-log(q < 0 ? u : 1.0 - u)), x;
    if (r <= 5.0) {
        r -= 1.6;
        x = poly(r, 1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
                 1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4)
            / poly(r, 1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
                   1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9);
    } else {
        r -= 5.0;
        x = poly(r, 6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
                 2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7)
            / poly(r, 1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
                   7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15);
    }
    return q < 0 ? -x : x;
}

static inline double table_quantile(const double *table, double u) {
    if (table[0] == 1.0) return -log1p(-u);
    int lower = u < 0.5;
    double tail = lower ? u : 1.0 - u, deepest = 0x1p-53, below_half = 0.5 - 0x1p-54;
    if (tail < deepest) tail = deepest;
    if (tail > below_half) tail = below_half;
    i64 bits, first; memcpy(&bits, &tail, 8); memcpy(&first, &deepest, 8);
    i64 row = (bits >> 50) - ((first >> 50) - 1);
    i64 place_bits = ((bits << 2) & ((1LL << 52) - 1)) | 0x3FF0000000000000LL;
    double place; memcpy(&place, &place_bits, 8);
    const double *c = table + 8 * (lower ? row : row + 208);
    double v = poly(2.0 * place - 3.0, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
    return v < table[1] ? table[1] : v > table[2] ? table[2] : v;
}

static inline double draw(const World *w, const double *t, double u) {
    if (t[0] >= 0.0) return t[1] * table_quantile(w->tables + (i64)t[0] * w->table_rows * 8, u) + t[2];
    if (t[0] == -1.0) return t[1];
    if (t[0] == -2.0) return t[1] * exp(t[2] * normal(u));
    return -t[1] * log(1.0 - u);
}
static inline double log_draw(const World *w, const double *t, double u) {
    if (t[0] == -2.0) return t[1] + t[2] * normal(u);
    return t[0] == -1.0 ? t[1] : log(draw(w, t, u));
}

/* Time */

static inline i64 period_of(const World *w, double time) {
    i64 t = (i64)ceil(time * (double)w->m - SLACK) - 1;
    return t > 0 ? t : 0;
}
static inline int is_beyond(const World *w, double time) { return !(time * (double)w->m <= (double)w->T + SLACK); }

static inline double clock_end(const World *w, const double *clock, double time, double years) {
    i64 last = w->T - 1, t = (i64)(time * (double)w->m);
    if (t > last) t = last;
    double start = (double)t / (double)w->m, target = clock[t] + w->window[5 * t] * (time - start) + years;
    while (t < last && clock[t + 1] < target - CLOCK_SLACK) t++;
    start = (double)t / (double)w->m;
    double rest = target - clock[t];
    if (rest <= CLOCK_SLACK) return fmax(time, start);
    return fmax(time, start + rest / w->window[5 * t]);
}

static void set_conditions(const World *w, i64 b) {
    double *clock = w->financing_clock + b * (w->T + 1);
    clock[0] = 0.0;
    for (i64 t = 0; t < w->T; t++) {
        for (int k = 0; k < 5; k++) {
            double factor = w->window_factors[5 * w->window_state[b * w->T + t] + k];
            w->window[5 * t + k] = k == 1 || k == 4 ? log(factor) : factor;
        }
        clock[t + 1] = clock[t] + w->window[5 * t] / (double)w->m;
    }
    for (i64 x = 0; x < w->X; x++)
        for (i64 n = 0; n <= w->T; n++) {
            double part = 0.0;
            for (i64 f = 0; f < w->F; f++) part += w->sector_beta[x * w->F + f] * w->factors[(b * w->F + f) * (w->T + 1) + n];
            w->factor_part[x * (w->T + 1) + n] = part;
        }
}

/* The life of an enterprise; it writes to the block directly. */

static inline double quality_part(double gamma, double years, double q, double from, double to) {
    double a = fmin(from, years), b = fmin(to, years);
    return gamma * (b - a) * (q - 0.5 * gamma * (a + b));
}

static double move(const World *w, const double *clock, i64 row, i64 mark, i64 to, double log_value, double u) {
    i64 i = w->n_segments[row], entry = w->entry_date[row], g = row * w->G + i, x = w->sector[row];
    i64 start = i > 0 ? w->segment_to[g - 1] : entry;
    const Stage *stage = &w->stages[mark >= 0 ? mark : -1 - mark];
    const Sector *sector = &w->sectors[x];
    double period = 1.0 / (double)w->m, years = (double)(to - start) * period;
    double close = log_value;
    if (mark >= 0) {
        close += stage->growth * (stage->growth > 0.0 ? clock[to] - clock[start] : years);
        close += stage->variance_drift * years;
    } else
        close += stage->stalled_drift * years;
    close += w->factor_part[x * (w->T + 1) + to] - w->factor_part[x * (w->T + 1) + start];
    if (stage->volatility != 0.0) close += stage->volatility * sqrt(years) * normal(u);
    if (sector->quality_effect != 0.0)
        close += quality_part(sector->quality_effect, sector->quality_years, w->quality[row],
                              (double)(start - entry) * period, (double)(to - entry) * period);
    w->segment_from[g] = start; w->segment_to[g] = to; w->segment_stage[g] = mark;
    w->segment_open[g] = log_value; w->segment_close[g] = close; w->n_segments[row] = i + 1;
    return close;
}

static inline double weight(const Stage *s, int k, double q, double growth) {
    double base = s->outcomes[k];
    if (base == 0.0 || (s->slopes[k][0] == 0.0 && s->slopes[k][1] == 0.0)) return base;
    return base * exp(fmin(s->slopes[k][0] * q + s->slopes[k][1] * growth, 500.0));
}

/* The outcome, and where the draw lies within the weight of listing and of what is above it. */
static int draw_outcome(const Stage *s, double q, double growth, double u, double *place) {
    double advance = weight(s, ADVANCE, q, growth), merger = weight(s, MERGER, q, growth);
    double failure = weight(s, FAILURE, q, growth), listing = weight(s, LISTING, q, growth);
    double target = u * (advance + merger + failure + listing + s->outcomes[STALL]);
    if (target < advance) return ADVANCE;
    if (target < advance + merger) return MERGER;
    if (target < advance + merger + failure) return FAILURE;
    if (listing == 0.0) return STALL;
    *place = (target - (advance + merger + failure)) / listing;
    return LISTING;
}

static void fail(const World *w, i64 row, double time, double log_value) {
    const Sector *sector = &w->sectors[w->sector[row]];
    i64 period = period_of(w, time);
    double value = sector->recovery * exp(log_value);
    w->failure_period[row] = period;
    if (sector->linger_years > 0.0) {
        double shows = time - sector->linger_years * log(1.0 - uniform(derive(w->key[row], sector->failure_key), 0));
        i64 g = row * w->G + w->n_segments[row]++;
        w->segment_from[g] = period + 1; w->segment_stage[g] = NEVER;
        w->segment_open[g] = w->segment_close[g] = value > 0.0 ? log(value) : -INFINITY;
        period = is_beyond(w, shows) ? w->T - 1 : period_of(w, shows);
        w->segment_to[g] = period + 1;
        if (is_beyond(w, shows)) return;
    }
    w->end_kind[row] = FAILED; w->end_period[row] = period; w->end_value[row] = value;
}

static void merge(const World *w, i64 row, i64 period, double log_value) {
    i64 x = w->sector[row];
    const Sector *sector = &w->sectors[x];
    double u[2]; pair(derive(w->key[row], sector->merger_key), 0, u);
    w->end_kind[row] = MERGED; w->end_period[row] = period; w->end_value[row] = exp(log_value);
    if (sector->n_buckets == 0) { w->end_value[row] *= draw(w, sector->premium, u[0]); return; }
    i64 k = 0;
    const double *bucket = w->buckets + x * w->most_buckets * 3;
    while (k < sector->n_buckets - 1 && !(u[0] < bucket[3 * k])) k++;
    w->end_multiple[row] = bucket[3 * k + 1] + (bucket[3 * k + 2] - bucket[3 * k + 1]) * u[1];
}

static void stall(const World *w, const double *clock, i64 row, i64 stage, double time, double log_value) {
    const Sector *sector = &w->sectors[w->sector[row]];
    double rate = sector->failure_rate + sector->merger_rate, u[2];
    w->stall_period[row] = period_of(w, time);
    u64 key = derive(w->key[row], sector->stall_key);
    pair(key, 0, u);
    double end = rate > 0.0 ? time - log(1.0 - u[0]) / rate : INFINITY;
    int alive = is_beyond(w, end);
    i64 period = alive ? w->T - 1 : period_of(w, end);
    log_value = move(w, clock, row, -1 - stage, period + 1, log_value, uniform(key, 2));
    if (alive) return;
    if (u[1] < sector->failure_rate / rate) fail(w, row, end, log_value);
    else merge(w, row, period, log_value);
}

static double live_until(const World *w, const double *clock, i64 row, i64 stage, double time, double log_value, double u) {
    return move(w, clock, row, stage, is_beyond(w, time) ? w->T : period_of(w, time) + 1, log_value, u);
}

static void file(const World *w, const double *clock, i64 row, i64 stage, double time, double log_value) {
    i64 x = w->sector[row];
    const Sector *sector = &w->sectors[x];
    w->filing_period[row] = period_of(w, time);
    u64 key = derive(w->key[row], sector->listing_key);
    for (i64 j = 0; j < sector->filings; j++) {
        double u[2], value = exp(log_value); pair(key, 2 * j, u);
        i64 board = -1;
        for (i64 k = 0; k < w->most_boards && w->sector_boards[x * w->most_boards + k] >= 0; k++)
            if (value >= w->boards[w->sector_boards[x * w->most_boards + k]].minimum) {
                board = w->sector_boards[x * w->most_boards + k]; break;
            }
        if (board >= 0) {
            time += w->boards[board].review_years;
            log_value = live_until(w, clock, row, stage, time, log_value, u[1]);
            if (is_beyond(w, time)) return;
            i64 period = period_of(w, time);
            if (u[0] < w->boards[board].pass_probability * w->window[5 * period + 3]) {
                w->end_kind[row] = LISTED; w->end_period[row] = period; w->board[row] = board;
                w->end_value[row] = exp(log_value + w->window[5 * period + 4]);
                w->listing_share[row] = draw(w, sector->listing_share, uniform(key, 1000));
                return;
            }
        }
        if (j < sector->filings - 1) {
            time += sector->refile_years;
            log_value = live_until(w, clock, row, stage, time, log_value, uniform(key, 4 * j + 2));
            if (is_beyond(w, time)) return;
        }
    }
    stall(w, clock, row, stage, time, log_value);
}

/* File where the window lets it, now or later, or fail before, or stall. */
static void seek_window(const World *w, const double *clock, i64 row, i64 stage, double time, double log_value, double place,
                        double failure) {
    if (place < w->window[5 * period_of(w, time) + 2]) { file(w, clock, row, stage, time, log_value); return; }
    if (place >= 1.0) { stall(w, clock, row, stage, time, log_value); return; }
    w->wait_period[row] = period_of(w, time);
    double step = fmax(w->sectors[w->sector[row]].refile_years, 1.0 / (double)w->m);
    int is_open = 0;
    while (!is_open && time <= failure && !is_beyond(w, time)) {
        time += step;
        if (!is_beyond(w, time)) is_open = place < w->window[5 * period_of(w, time) + 2];
    }
    int fails = failure < time;
    time = fmin(time, failure);
    log_value = live_until(w, clock, row, stage, time, log_value, uniform(derive(w->key[row], w->stages[stage].key), 7));
    if (is_beyond(w, time)) return;
    if (fails) fail(w, row, time, log_value);
    else file(w, clock, row, stage, time, log_value);
}

static void be_born(const World *w, i64 row, i64 sector, double quality) {
    w->sector[row] = sector; w->quality[row] = quality; w->n_rounds[row] = w->n_segments[row] = 0;
    w->wait_period[row] = w->filing_period[row] = w->stall_period[row] = w->failure_period[row] = w->end_period[row] = NEVER; w->end_kind[row] = ALIVE;
    w->end_value[row] = w->end_multiple[row] = NAN; w->board[row] = -1; w->listing_share[row] = 0.0;
}

static void walk(const World *w, const double *clock, i64 row, double time) {
    double u[2], clock_u[2], outcome_u[2], round_u[2];
    i64 number = w->first_stage[row];
    pair(w->key[row], 0, u);
    be_born(w, row, w->stages[number].sector, normal(u[0]));
    if (is_beyond(w, time)) { w->entry_date[row] = w->T + 1; return; }
    i64 period = period_of(w, time);
    w->entry_date[row] = period + 1;
    double log_value = log_draw(w, w->stages[number].log_entry_value, u[1]);
    for (;;) {
        const Stage *stage = &w->stages[number];
        u64 key = derive(w->key[row], stage->key);
        pair(key, 0, clock_u); pair(key, 1, outcome_u); pair(key, 2, round_u);
        double log_pre = log_value + w->window[5 * period + 1], sold = draw(w, stage->share_sold, round_u[0]);
        i64 r = row * w->K + w->n_rounds[row]++;
        w->round_period[r] = period; w->round_pre[r] = exp(log_pre); w->round_sold[r] = sold;
        double log_open = log_pre - log(1.0 - sold);
        double milestone = clock_end(w, clock, time, draw(w, stage->clock, clock_u[0])), failure = INFINITY, opened = time;
        double scale = stage->failure_clock[0], shape = stage->failure_clock[1];
        /* Most failures are seen to come after the milestone without a logarithm, as in the kernel. */
        if (!isnan(scale) && !(shape >= 1.0 && round_u[1] * scale > 1.001 * (milestone - time))) {
            double wait = -log(1.0 - round_u[1]);
            failure = time + scale * (shape == 1.0 ? wait : exp(log(wait) / shape));
        }
        time = fmin(milestone, failure);
        int alive = is_beyond(w, time);
        period = alive ? w->T - 1 : period_of(w, time);
        log_value = move(w, clock, row, number, period + 1, log_open, clock_u[1]);
        if (alive) return;
        if (failure < milestone) { fail(w, row, time, log_value); return; }
        double place = 0.0;
        switch (draw_outcome(stage, w->quality[row], log_value - log_open, outcome_u[0], &place)) {
        case MERGER: merge(w, row, period, log_value); return;
        case FAILURE: fail(w, row, time, log_value); return;
        case LISTING:
            if (!isnan(scale)) {
                double wait = -log(1.0 - round_u[1]);
                failure = opened + scale * (shape == 1.0 ? wait : exp(log(wait) / shape));
            }
            seek_window(w, clock, row, number, time, log_value, place, failure);
            return;
        case STALL: stall(w, clock, row, number, time, log_value); return;
        }
        log_value += log_draw(w, stage->log_step_up, outcome_u[1]);
        number++;
    }
}

/* Who enters */

static i64 arrival_times(const World *w, const Stream *s, u64 key, double *times) {
    double reached = 0.0, u[2];
    for (i64 i = 0; i < s->most_arrivals; i++) {
        if (!s->is_poisson) reached = (double)i + 0.5;
        else { if (i % 2 == 0) pair(key, (u64)i / 2, u); reached -= log(1.0 - u[i % 2]); }
        double grown = reached * s->log_growth / s->per_year, years;
        if (s->log_growth == 0.0) years = reached / s->per_year;
        else years = grown > -1.0 ? log1p(grown) / s->log_growth : INFINITY;
        double time = s->from_years + years;
        if (is_beyond(w, time) || time > s->until_years + SLACK) return i;
        times[i] = time;
    }
    return s->most_arrivals;
}

static void enter(const World *w, i64 b, u64 path) {
    i64 row = w->first_row[b], first = row;
    for (i64 p = 0; p < w->P; p++) {
        u64 key = derive(path, w->streams[p].key);
        i64 n = arrival_times(w, &w->streams[p], key, w->times + (row - first));
        for (i64 i = 0; i < n; i++, row++) {
            w->key[row] = derive(key, (u64)i); w->origin[row] = p; w->number[row] = i; w->first_stage[row] = w->streams[p].stage;
        }
    }
    for (i64 d = 0; d < w->D; d++) {
        const Deal *deal = &w->deals[d];
        if (deal->row < 0) continue;
        i64 r = row + deal->row, best = 0, s = 0;
        u64 key = derive(derive(path, deal->vehicle_stream), (u64)deal->number), best_key = derive(key, 0);
        double best_signal = -INFINITY, skill = deal->skill[1];
        if (deal->skill[0] != -1.0) {
            u64 number = (u64)(w->first_path + b), is_odd = w->is_antithetic && number % 2 == 1;
            double u = uniform(derive(derive(w->seed_key, number - is_odd), deal->manager), 0);
            skill = draw(w, deal->skill, is_odd ? 1.0 - u : u);
        }
        if (deal->candidates != 1)
            for (i64 j = 0; j < deal->candidates; j++) {
                u64 candidate = derive(key, (u64)j);
                double signal = skill * normal(uniform(candidate, 0))
                                + sqrt(1.0 - skill * skill) * normal(uniform(key, candidate));
                if (signal > best_signal) { best = j; best_key = candidate; best_signal = signal; }
            }
        double u = uniform(best_key, 2);
        const double *cumulative = w->entry_cumulative + deal->entry * w->S;
        while (s < w->S - 1 && !(u < cumulative[s])) s++;
        w->key[r] = best_key; w->number[r] = best; w->origin[r] = -1 - d; w->first_stage[r] = s;
        w->times[r - first] = deal->years + (uniform(key, 0) < deal->park_share ? deal->patience : 0.0);
    }
}

static i64 sort_events(const World *w, i64 b, i64 place) {
    i64 first = w->first_row[b], last = w->first_row[b + 1], *n = w->places, *start = w->first_event + b * (w->T + 2);
    memset(n, 0, sizeof(i64) * (size_t)(w->T + 2));
    for (i64 row = first; row < last; row++) {
        for (i64 i = 0; i < w->n_rounds[row]; i++) n[w->round_period[row * w->K + i]]++;
        if (w->end_period[row] < NEVER) n[w->end_period[row]]++;
    }
    for (i64 t = 0; t < w->T + 2; t++) { start[t] = place; place += n[t]; n[t] = start[t]; }
    for (i64 row = first; row < last; row++) {
        for (i64 i = 0; i < w->n_rounds[row]; i++) w->event_order[n[w->round_period[row * w->K + i]]++] = row * (w->K + 1) + i;
        if (w->end_period[row] < NEVER) w->event_order[n[w->end_period[row]]++] = row * (w->K + 1) + w->K;
    }
    return place;
}

void enterprises_pass(const World *w) {
    i64 place = 0;
    for (i64 b = 0; b < w->n_paths; b++) {
        const double *clock = w->financing_clock + b * (w->T + 1);
        set_conditions(w, b);
        enter(w, b, derive(w->seed_key, (u64)(w->first_path + b)));
        for (i64 row = w->first_row[b]; row < w->first_row[b + 1]; row++) walk(w, clock, row, w->times[row - w->first_row[b]]);
        place = sort_events(w, b, place);
    }
}
