"""Distributions the demo clinic draws from. Published aggregates, each with its source; no records.

Vitória: 110,527 appointments of the public clinics of Vitória, Brazil, 2016. Consultation lengths:
Feng et al. 2023, Data 8(3):47, doi:10.3390/data8030047. Punctuality: Williams et al. 2014, BMJ Open
4:e004679. Cancellations: NHS Hospital Outpatient Activity 2023-24.
"""

# Days between booking and visit: (least, most, share, share of them who do not come). Vitória.
LEAD_DAYS = (
    (0, 0, 0.3489, 0.0465),
    (1, 1, 0.0472, 0.2135),
    (2, 2, 0.0608, 0.2382),
    (3, 7, 0.1832, 0.2498),
    (8, 14, 0.1088, 0.3047),
    (15, 21, 0.0803, 0.3224),
    (22, 28, 0.0607, 0.3367),
    (29, 60, 0.0912, 0.3347),
)

# Hour of the day at which people book: share. Vitória.
BOOKING_HOURS = {
    7: 0.1738,
    8: 0.1389,
    9: 0.116,
    10: 0.1,
    11: 0.0766,
    12: 0.0491,
    13: 0.0817,
    14: 0.0826,
    15: 0.0731,
    16: 0.0501,
    17: 0.0263,
    18: 0.0121,
    19: 0.0044,
}

# Age in years: (least, most, share). Vitória.
AGES = (
    (0, 4, 0.0927),
    (5, 12, 0.0977),
    (13, 17, 0.0574),
    (18, 24, 0.0894),
    (25, 34, 0.1299),
    (35, 44, 0.1312),
    (45, 54, 0.1399),
    (55, 64, 0.1314),
    (65, 74, 0.0766),
    (75, 84, 0.0407),
    (85, 97, 0.013),
)

FEMALE_SHARE = 0.65  # Vitória
CANCELLED_SHARE = 0.164  # NHS

# Consultation length, lognormal: sigma, and median as a share of the planned visit. Feng et al.
LENGTH_SIGMA, LENGTH_MEDIAN_SHARE = 0.4385, 12.135 / 15.0

# Minutes of arrival before the time of the visit: mean and spread. Williams et al.
EARLY_MEAN, EARLY_SPREAD = 20.5, 9.0
LATE_SHARE = 0.077
