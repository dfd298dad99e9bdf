using System.Text.Json;
using Catalog.IntegrationTests.OpenLineage;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Marquez;

/// <summary>
/// A small warehouse told in OpenLineage: <c>etl.load</c> copies <c>raw</c> to <c>orders</c>, <c>etl.sum</c> makes <c>totals</c> of it, and
/// <c>etl.copy</c> reads <c>raw</c>, too. Each has run once; <c>etl.load</c> twice, and then failed.
/// </summary>
internal sealed class Pipeline
{
    private Pipeline(Api api, string ns) => (Api, Namespace) = (api, ns);

    public Api Api { get; }

    /// <summary>With a colon in it, as most namespaces have.</summary>
    public string Namespace { get; }

    public string Encoded => Uri.EscapeDataString(Namespace);

    public long Position { get; private set; }

    public string Run(int nth) => Guids[nth];

    private List<string> Guids { get; } = [.. Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7().ToString())];

    public static async Task<Pipeline> SendAsync(Api api)
    {
        var told = new Pipeline(api, $"postgres://{New.Name("db")}:5432");
        await told.RunAsync(0, "etl.load", "raw", "orders", "10:00", "COMPLETE");
        await told.RunAsync(1, "etl.load", "raw", "orders", "11:00", "COMPLETE");
        await told.RunAsync(2, "etl.load", "raw", "orders", "12:00", "FAIL");
        await told.RunAsync(3, "etl.sum", "orders", "totals", "12:30", "COMPLETE");
        await told.RunAsync(4, "etl.copy", "raw", "copies", "13:00", "COMPLETE");
        return told;
    }

    public async Task<Answer> GetAsync(string path) =>
        await Api.GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}atLeast={Position}");

    public async Task<JsonElement> ReadAsync(string path) => (await GetAsync(path)).Expect(200).Json;

    private async Task RunAsync(int nth, string job, string input, string output, string hour, string end)
    {
        await EventAsync(nth, job, input, output, $"{hour}:00", "START");
        await EventAsync(nth, job, input, output, $"{hour}:30", end);
    }

    private async Task EventAsync(int nth, string job, string input, string output, string time, string type)
    {
        var body = JsonSerializer.Serialize(new
        {
            eventType = type,
            eventTime = $"2026-11-24T{time}Z",
            producer = "https://example.org/etl",
            schemaURL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            run = new
            {
                runId = Run(nth),
                facets = new
                {
                    nominalTime = new { nominalStartTime = "2026-11-24T00:00:00Z", nominalEndTime = "2026-11-25T00:00:00Z" },
                    parent = new { run = new { runId = Run(5) }, job = new { @namespace = Namespace, name = "etl" } },
                },
            },
            job = new
            {
                @namespace = Namespace,
                name = job,
                facets = new
                {
                    documentation = new { description = $"What {job} does" },
                    sourceCodeLocation = new { type = "git", url = "https://example.org/etl.git" },
                    sql = new { query = $"insert into {output} select * from {input}" },
                    jobType = new { processingType = "BATCH", integration = "DBT", jobType = "MODEL" },
                },
            },
            inputs = new[] { new { @namespace = Namespace, name = input, facets = Columns(null) } },
            outputs = new[] { new { @namespace = Namespace, name = output, facets = Columns(input) } },
        });
        var sent = (await Api.SendAsync(Sent.Single, body)).Expect(201);
        Position = long.Parse(sent.Headers.GetValues("Catalog-Position").Single());
    }

    private object Columns(string? from) => new
    {
        schema = new
        {
            fields = new[]
            {
                new { name = "id", type = "INTEGER", description = "The key" },
                new { name = "sum", type = "DECIMAL", description = "" },
            },
        },
        tags = new
        {
            tags = new[]
            {
                new { key = "gold", value = "true", field = (string?)null },
                new { key = "pii", value = "", field = (string?)"id" },
            },
        },
        columnLineage = from is null ? null : new
        {
            fields = new
            {
                id = new
                {
                    inputFields = new[]
                    {
                        new
                        {
                            @namespace = Namespace,
                            name = from,
                            field = "id",
                            transformations = new[] { new { type = "DIRECT", subtype = "IDENTITY", description = "as it is" } },
                        },
                    },
                },
            },
        },
    };
}
