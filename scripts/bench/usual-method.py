#!/usr/bin/env python3
"""The usual open way to find things that fall, to compare with: OpenCV's background model, contours, a Kalman filter a blob, and rules
of drop and direction in the image. One thread. Prints one JSON line a track that the rules take for a fall, then one line of costs.

    python3 usual-method.py VIDEO [--model mog2|knn]

It is what tutorials and repositories do: every pixel group of 4 px and up is followed, and what drops by a tenth of the picture, mostly
downward, is an alarm. A track is marked as `tuned` when besides it speeds up and a parabola fits it in the image.
"""
import argparse
import json
import os
import time

os.environ['OPENCV_FFMPEG_CAPTURE_OPTIONS'] = 'threads;1'
import cv2
import numpy as np

LEAST_AREA_PX = 4
MOST_AREA_SHARE = 0.01
# A blob belongs to a track when it lies this near to where the filter expects it, picture heights.
GATE_HEIGHTS = 0.06
# A track ends when it was not seen for so long.
COAST_S = 0.3
LEAST_POINTS = 6
LEAST_DROP = 0.1
DOWNWARD_SHARE = 0.8
# Tuned: acceleration along y, picture heights a second squared, and the parabola's residual in picture heights.
LEAST_ACCELERATION = 0.02
MOST_RESIDUAL = 0.004


class Track:
    """Constant velocity in x and y."""

    def __init__(self, blob, time_s):
        self.filter = cv2.KalmanFilter(4, 2)
        self.filter.measurementMatrix = np.eye(2, 4, dtype=np.float32)
        self.filter.processNoiseCov = np.diag([1, 1, 25, 25]).astype(np.float32)
        self.filter.measurementNoiseCov = np.eye(2, dtype=np.float32)
        self.filter.errorCovPost = np.diag([1, 1, 1000, 1000]).astype(np.float32)
        self.filter.statePost = np.array([[blob[0]], [blob[1]], [0], [0]], np.float32)
        self.points = [(time_s, *blob)]
        self.expected = blob[:2]

    def predict(self):
        self.filter.transitionMatrix = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32)
        state = self.filter.predict()
        self.expected = (float(state[0, 0]), float(state[1, 0]))

    def take(self, blob, time_s):
        self.filter.correct(np.array([[blob[0]], [blob[1]]], np.float32))
        self.points.append((time_s, *blob))


def blobs_of(mask, most_area):
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    blobs = []
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        if LEAST_AREA_PX <= w * h <= most_area:
            blobs.append((x + w / 2, y + h / 2, w, h))
    return blobs


def assign(tracks, blobs, gate):
    """Nearest pairs first. Returns [(track, blob)] as indices, and the blobs left over."""
    if not tracks or not blobs:
        return [], range(len(blobs))
    expected = np.array([track.expected for track in tracks], np.float32)
    found = np.array([blob[:2] for blob in blobs], np.float32)
    distance = np.hypot(expected[:, None, 0] - found[None, :, 0], expected[:, None, 1] - found[None, :, 1])
    near = np.argwhere(distance < gate)
    near = near[np.argsort(distance[near[:, 0], near[:, 1]])]
    pairs, used_tracks, used_blobs = [], set(), set()
    for t, b in near.tolist():
        if t not in used_tracks and b not in used_blobs:
            pairs.append((t, b))
            used_tracks.add(t)
            used_blobs.add(b)
    return pairs, [b for b in range(len(blobs)) if b not in used_blobs]


def judge(track, height):
    """Whether it falls, and whether it also does so by the tuned rules."""
    points = np.array(track.points)
    if len(points) < LEAST_POINTS:
        return False, False
    t, x, y = points[:, 0], points[:, 1], points[:, 2] / height
    drop = y[-1] - y[0]
    if drop < LEAST_DROP or abs(x[-1] - x[0]) / height > drop or np.mean(np.diff(y) > 0) < DOWNWARD_SHARE:
        return False, False
    parabola = np.polyfit(t - t[0], y, 2)
    residual = np.sqrt(np.mean((np.polyval(parabola, t - t[0]) - y) ** 2))
    return True, bool(2 * parabola[0] > LEAST_ACCELERATION and residual < MOST_RESIDUAL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('video')
    parser.add_argument('--model', choices=['mog2', 'knn'], default='mog2')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    capture = cv2.VideoCapture(options.video, cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise SystemExit(f'{options.video}: cannot be opened')
    make = cv2.createBackgroundSubtractorMOG2 if options.model == 'mog2' else cv2.createBackgroundSubtractorKNN
    model = make(detectShadows=False)
    width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    cost = {'decode': 0.0, 'model': 0.0, 'contours': 0.0, 'tracking': 0.0}
    tracks, pictures = [], 0

    def report(track):
        is_fall, tuned = judge(track, height)
        if not is_fall:
            return
        path = [[round(t, 3), x / width, y / height, w / width, h / height] for t, x, y, w, h in track.points]
        print(json.dumps({'start': path[0][0], 'end': path[-1][0], 'tuned': tuned, 'trajectory': path}))

    while True:
        began = time.process_time()
        good, picture = capture.read()
        if not good:
            break
        time_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        decoded = time.process_time()
        mask = model.apply(picture)
        modelled = time.process_time()
        # The first second belongs to the model: it takes the first picture's noise for movement.
        blobs = blobs_of(mask, MOST_AREA_SHARE * width * height) if time_s > 1 else []
        contoured = time.process_time()
        for track in tracks:
            track.predict()
        pairs, left = assign(tracks, blobs, GATE_HEIGHTS * height)
        for t, b in pairs:
            tracks[t].take(blobs[b], time_s)
        for track in tracks:
            if time_s - track.points[-1][0] > COAST_S:
                report(track)
        tracks = [track for track in tracks if time_s - track.points[-1][0] <= COAST_S]
        tracks += [Track(blobs[b], time_s) for b in left]
        done = time.process_time()
        for name, seconds in zip(cost, (decoded - began, modelled - decoded, contoured - modelled, done - contoured)):
            cost[name] += seconds
        pictures += 1
    for track in tracks:
        report(track)
    print(json.dumps({'pictures': pictures, 'ms': {name: 1000 * seconds / max(1, pictures) for name, seconds in cost.items()}}))


main()
