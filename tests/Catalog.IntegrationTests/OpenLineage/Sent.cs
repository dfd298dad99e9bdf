using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>OpenLineage events as clients send them.</summary>
internal static class Sent
{
    public const string Single = "/api/v1/lineage";
    public const string Batch = "/api/v1/lineage/batch";

    /// <summary>The events that the unit tests are about.</summary>
    public static IReadOnlyList<string> Fixtures { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Catalog.Tests", "OpenLineage", "Fixtures"), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText),
    ];

    /// <summary>An event of a run, with more facets of the job where given.</summary>
    public static string Event(string run, string type = "START", string more = "") =>
        """
        {"eventType":"@TYPE","eventTime":"2026-11-24T10:00Z","run":{"runId":"@RUN"},"job":{"namespace":"own","name":"job","facets":{@MORE}}}
        """
            .Replace("@TYPE", type).Replace("@RUN", run).Replace("@MORE", more);

    public static Task<Answer> SendAsync(this Api api, string path, string body) =>
        api.SendAsync(HttpMethod.Post, path, Json(Encoding.UTF8.GetBytes(body)));

    /// <param name="chunked">Without a Content-Length, as Java's client does it.</param>
    public static Task<Answer> SendPackedAsync(this Api api, string path, byte[] plain, bool chunked)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(plain);
        HttpContent content = chunked ? new StreamContent(new OfUnknownLength(packed.ToArray())) : new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return api.SendAsync(HttpMethod.Post, path, content);
    }

    public static HttpContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json; charset=utf-8");
        return content;
    }

    /// <summary>The problem's one field: the path of what is wrong.</summary>
    public static string PathOfProblem(this Answer problem) => problem["errors"].EnumerateObject().Single().Name;

    public static string Reason(this JsonElement failure) => failure.GetProperty("reason").GetString() ?? "";

    private sealed class OfUnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
