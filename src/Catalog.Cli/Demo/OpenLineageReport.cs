using System.Globalization;
using System.Net.Http.Json;
using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>
/// A job that knows nothing of this SDK: it tells of its run in OpenLineage, as Spark or Airflow would. Ids and times are made from the
/// demo's steps, so that telling it again adds nothing.
/// </summary>
internal sealed class OpenLineageReport(HttpClient http)
{
    /// <summary>Whom events say they come from.</summary>
    private const string Producer = "urn:catalog:demo";

    public static NodeId Job { get; } = NodeId.Job("demo", "publish-report");

    public static NodeId Source { get; } = NodeId.Dataset("demo", "flights");

    public static NodeId Report { get; } = NodeId.Dataset("reports", "flight-delays");

    /// <param name="time">When it ran.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>Log position that includes what was told; null where that was told before and the server does not look it up.</returns>
    public async Task<long?> PublishAsync(DateTimeOffset time, CancellationToken ct)
    {
        var started = await SendAsync("START", time, ct);
        return await SendAsync("COMPLETE", time.AddSeconds(1), ct) ?? started;
    }

    private async Task<long?> SendAsync(string type, DateTimeOffset time, CancellationToken ct)
    {
        var told = new
        {
            eventType = type,
            eventTime = time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            producer = Producer,
            schemaURL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            run = new { runId = StepId.Of("publish-report", 1) },
            job = Named(Job),
            inputs = new[] { Named(Source) },
            outputs = new[] { Named(Report) },
        };
        using var answer = await http.PostAsJsonAsync("api/v1/lineage", told, ct);
        if (!answer.IsSuccessStatusCode)
            throw new CatalogException(
                (int)answer.StatusCode, "demo.event_refused", $"{type} was refused: {await answer.Content.ReadAsStringAsync(ct)}");

        return answer.Headers.TryGetValues("Catalog-Position", out var values)
            ? long.Parse(values.Single(), CultureInfo.InvariantCulture)
            : null;
    }

    private static object Named(NodeId node) => new { @namespace = node.Namespace, name = node.Name };
}
