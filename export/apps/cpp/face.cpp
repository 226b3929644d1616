// Predict points and attributes of a face, with ONNX Runtime alone.
//     ./face model.onnx photo.ppm LEFT TOP RIGHT BOTTOM

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <onnxruntime_cxx_api.h>
#include <stdexcept>
#include <string>
#include <vector>

struct Photo {
  int width = 0, height = 0, channels = 3;
  std::vector<unsigned char> pixels;  // By rows.
  double sample(double x, double y, int c) const {  // Bilinear.
    x = std::clamp(x, 0.0, width - 1.0), y = std::clamp(y, 0.0, height - 1.0);
    const int left = int(x), right = std::min(left + 1, width - 1);
    auto row = [&](int at) {
      const auto* pixel = &pixels[size_t(at) * width * channels + c];
      return pixel[left * channels] * (1 - x + left) +
             pixel[right * channels] * (x - left);
    };
    const int top = int(y), low = std::min(top + 1, height - 1);
    return row(top) * (1 - y + top) + row(low) * (y - top);
  }
};

Photo read_photo(const std::string& file, bool gray) {
  Photo photo;
  std::string kind, most;
  std::ifstream stream(file, std::ios::binary);
  (stream >> kind >> photo.width >> photo.height >> most).get();
  auto& p = photo.pixels;
  p.resize(stream ? size_t(photo.width) * photo.height * 3 : 0);
  stream.read(reinterpret_cast<char*>(p.data()), p.size());
  if (!stream || kind != "P6" || most != "255")
    throw std::runtime_error("Expected a PPM (P6) of 8 bits: " + file);
  photo.channels = gray ? 1 : 3;
  for (size_t i = 0; i < p.size() / 3 && gray; ++i)  // As in training.
    p[i] = (p[3 * i] * 9798 + p[3 * i + 1] * 19235 + p[3 * i + 2] * 3735 +
            (1 << 14)) >> 15;
  return photo;
}

// Each pixel is the mean of samples x samples samples of the window.
std::vector<float> crop(const Photo& photo, const double corner[2], double side,
                        int size, int samples) {
  const int n = size * samples, depth = photo.channels;
  std::vector<double> sums(size_t(size) * size * depth);
  for (int i = 0; i < n * n * depth; ++i) {
    const int c = i % depth, column = i / depth % n, row = i / depth / n;
    sums[(row / samples * size + column / samples) * depth + c] +=
        photo.sample(corner[0] + (column + 0.5) * side / n,
                     corner[1] + (row + 0.5) * side / n, c);
  }
  for (double& sum : sums) sum = std::nearbyint(sum / (samples * samples));
  return {sums.begin(), sums.end()};
}

int main(int count, char** words) try {
  if (count != 7) throw std::runtime_error("Expected six words; see face.cpp.");
  Ort::Env environment;
  Ort::Session session(environment, words[1], Ort::SessionOptions());
  Ort::AllocatorWithDefaultOptions memory;
  const auto text = session.GetModelMetadata().LookupCustomMetadataMapAllocated(
      "facemtl.json", memory);
  const auto about = nlohmann::json::parse(text.get());
  const auto& how = about["crop"];
  const Photo photo = read_photo(words[2], how["color"] == "gray");
  double box[4], corner[2];  // Left, top, right, bottom; left, top.
  for (int i = 0; i < 4; ++i) box[i] = std::stod(words[3 + i]);
  const double side = std::max(box[2] - box[0], box[3] - box[1]) *
                      (1 + 2 * how["margin"].get<double>());
  for (int i = 0; i < 2; ++i) corner[i] = (box[i] + box[i + 2] - side) / 2;
  const int size = how["size"];
  auto pixels = crop(photo, corner, side, size, how["samples"]);
  const int64_t shape[] = {1, size, size, photo.channels};
  const auto input = Ort::Value::CreateTensor<float>(
      memory.GetInfo(), pixels.data(), pixels.size(), shape, 4);
  for (const auto& task : about["tasks"]) {  // Outputs have the tasks' names.
    const std::string name = task["name"];
    const char *crops = "crops", *output = name.c_str();
    const auto answer = session.Run({}, &crops, &input, 1, &output, 1);
    const float* values = answer[0].GetTensorData<float>();
    const std::vector<std::string> names = task["names"];
    for (size_t i = 0; i < names.size() && task["kind"] == "landmarks"; ++i)
      std::printf("%s: %.4f %.4f\n", names[i].c_str(),
                  values[2 * i] * side + corner[0],
                  values[2 * i + 1] * side + corner[1]);
    const auto best = std::max_element(values, values + names.size()) - values;
    if (task["kind"] == "classes")
      std::printf("%s: %s %.4f\n", output, names[best].c_str(), values[best]);
    if (task["kind"] == "value") std::printf("%s: %.4f\n", output, values[0]);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return 1;
}
