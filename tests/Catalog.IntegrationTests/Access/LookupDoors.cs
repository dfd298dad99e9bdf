using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Wire.Feast;
using Catalog.Wire.Lookup;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using StackExchange.Redis;
using FieldStatus = Catalog.Wire.Feast.FieldStatus;

namespace Catalog.IntegrationTests.Access;

/// <summary>What a door says of rows: of each, its tail and delay; null where it is not found.</summary>
/// <param name="Rows">In the order asked.</param>
/// <param name="Masked">Which features it says are masked, and how; null where it has no place for it.</param>
/// <param name="IsFiltered">Whether it says that rows are left out; null where it has no place for it.</param>
internal sealed record Told(IReadOnlyList<(string? Tail, int? Delay)?> Rows, string? Masked, bool? IsFiltered);

/// <summary>The tails and delays of planes, by every door that reads values of features.</summary>
internal sealed class LookupDoors(GovernedViews views, Api who)
{
    private const string Status = "catalog-code";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static readonly string[] All = ["sdk", "feast", "feast grpc", "compact", "redis", "redis compact"];

    public Task<Told> AskAsync(string door, string tier, params long[] ids) => door switch
    {
        "sdk" => SdkAsync(tier, ids),
        "feast" => FeastAsync(tier, ids),
        "feast grpc" => FeastGrpcAsync(tier, ids),
        "compact" => CompactAsync(tier, ids),
        "redis" => RedisAsync(tier, ids),
        _ => RedisCompactAsync(tier, ids),
    };

    /// <summary>The code of the problem that a door refuses with.</summary>
    public async Task<string?> RefusalAsync(string door, string tier, params long[] ids)
    {
        try
        {
            await AskAsync(door, tier, ids);
            return null;
        }
        catch (CatalogException e)
        {
            return e.Code;
        }
        catch (RpcException e)
        {
            return e.Trailers.GetValue(Status) ?? e.Status.Detail;
        }
        catch (RedisServerException e)
        {
            return e.Message.Split(' ', ':')[1];
        }
        catch (RefusedByFeast e)
        {
            return e.Message;
        }
    }

    private string Feature(string tier, string name) => $"{views.Namespace}/{tier}:{name}";

    private async Task<Told> SdkAsync(string tier, long[] ids)
    {
        using var catalog = views.Client(who);
        var rows = await catalog.Features.Online.ReadAsync(
            [Feature(tier, "tail"), Feature(tier, "delay")], new FeatureKeys().Add("id", ids), ct: Ct);
        Assert.Equal(tier, rows.Views[0].Tier);
        return new(
            [
                .. ids.Select((_, i) => rows[i].StatusOf("tail") == FeatureStatus.NotFound
                    ? ((string?, int?)?)null
                    : (rows[i].Get<string>("tail"), rows[i].Get<int?>("delay"))),
            ],
            string.Join(", ", rows.Columns.Where(c => c.Mask is not null).Select(c => $"{c.Name}={c.Mask}")),
            rows.Views[0].Filtered ?? false);
    }

    private async Task<Told> FeastAsync(string tier, long[] ids)
    {
        var answer = await who.PostAsync(
            "/get-online-features",
            new { features = new[] { Feature(tier, "tail"), Feature(tier, "delay") }, entities = new { id = ids } });
        if (answer.Code != 200)
            throw new RefusedByFeast(answer.Text);
        var (tails, delays) = (answer["results"][1], answer["results"][2]);
        return new(
            [
                .. ids.Select((_, i) => tails.GetProperty("statuses")[i].GetString() == "NOT_FOUND"
                    ? ((string?, int?)?)null
                    : (tails.GetProperty("values")[i].GetString(), Number(delays.GetProperty("values")[i]))),
            ],
            Header("Catalog-Masked") ?? "", Header("Catalog-Filtered") == "true");

        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

        static int? Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetInt32();
    }

    private async Task<Told> FeastGrpcAsync(string tier, long[] ids)
    {
        using var channel = Channel();
        var request = new GetOnlineFeaturesRequest
        {
            Features = new FeatureList { Val = { Feature(tier, "tail"), Feature(tier, "delay") } },
            Entities = { ["id"] = new RepeatedValue { Val = { ids.Select(i => new Wire.Feast.Value { Int64Val = i }) } } },
        };
        using var call = new ServingService.ServingServiceClient(channel).GetOnlineFeaturesAsync(request, Headers, cancellationToken: Ct);
        var answer = await call.ResponseAsync;
        var told = await call.ResponseHeadersAsync;
        var (tails, delays) = (answer.Results[1], answer.Results[2]);
        return new(
            [
                .. ids.Select((_, i) => tails.Statuses[i] == FieldStatus.NotFound
                    ? ((string?, int?)?)null
                    : (Of(tails, i)?.StringVal, Of(delays, i)?.Int32Val)),
            ],
            told.GetValue("catalog-masked") ?? "", told.GetValue("catalog-filtered") == "true");

        static Wire.Feast.Value? Of(GetOnlineFeaturesResponse.Types.FeatureVector column, int row) =>
            column.Statuses[row] == FieldStatus.Present ? column.Values[row] : null;
    }

    private async Task<Told> CompactAsync(string tier, long[] ids)
    {
        using var channel = Channel();
        var client = new FeatureLookup.FeatureLookupClient(channel);
        return Of(await client.LookupAsync(Question(tier, ids), Headers, cancellationToken: Ct), ids.Length);
    }

    private async Task<Told> RedisCompactAsync(string tier, long[] ids)
    {
        await using var redis = await ConnectAsync();
        var reply = await redis.GetDatabase().ExecuteAsync("CATALOG.LOOKUP", Question(tier, ids).ToByteArray());
        return Of(LookupAnswer.Parser.ParseFrom((byte[]?)reply), ids.Length);
    }

    private async Task<Told> RedisAsync(string tier, long[] ids)
    {
        await using var redis = await ConnectAsync();
        var (db, rows, masked) = (redis.GetDatabase(), new List<(string?, int?)?>(), "");
        foreach (var id in ids)
        {
            var key = $"{views.Namespace}/{tier}:{id}";
            var found = await db.HashGetAsync(key, ["tail", "delay", "@status", "@masked", "@version", "@event_time"]);
            var whole = (await db.HashGetAllAsync(key)).ToDictionary(f => (string?)f.Name ?? "", f => f.Value);
            Assert.Equal(found[0], whole.GetValueOrDefault("tail", RedisValue.Null));
            Assert.Equal(found[1], whole.GetValueOrDefault("delay", RedisValue.Null));
            masked = ((string?)found[3] ?? "").Replace(",", ", ", StringComparison.Ordinal);
            var isThere = found[2] != "not_found";
            Assert.True(isThere || (found[4].IsNull && found[5].IsNull), "Of what is not found nothing is told.");
            rows.Add(isThere
                ? (found[0], found[1].IsNull ? null : int.Parse(found[1].ToString(), CultureInfo.InvariantCulture))
                : null);
        }

        return new(rows, string.Join(", ", masked.Split(", ").OrderDescending(StringComparer.Ordinal)), IsFiltered: null);
    }

    private LookupRequest Question(string tier, long[] ids) => new()
    {
        Features = new FeatureNames { Val = { Feature(tier, "tail"), Feature(tier, "delay") } },
        Keys = { new KeyColumn { Name = "id", Numbers = { ids } } },
    };

    private static Told Of(LookupAnswer answer, int count)
    {
        var layout = answer.Layout;
        var all = new List<(string?, int?)?>();
        for (var i = 0; i < count; i++)
        {
            var row = answer.Rows.Span.Slice(i * (int)layout.RowBytes, (int)layout.RowBytes);
            var (tail, delay) = (layout.Features[0], layout.Features[1]);
            all.Add(row[(int)layout.Views[0].StatusOffset] == (byte)FieldStatus.NotFound
                ? null
                : (Has(row, tail) ? Text(row, tail) : null, Has(row, delay) ? BitConverter.ToInt32(row[(int)delay.Offset..]) : null));
        }

        return new(
            all, string.Join(", ", answer.Masked.Select(m => $"{layout.Features[(int)m.Feature].Name.Split("__")[1]}={m.Mask}")),
            answer.Filtered.Count > 0);

        bool Has(ReadOnlySpan<byte> row, FeatureSchema feature) =>
            (row[(int)(layout.Views[0].PresenceOffset + (feature.Bit / 8))] >> (int)(feature.Bit & 7) & 1) != 0;

        string Text(ReadOnlySpan<byte> row, FeatureSchema feature) => Encoding.UTF8.GetString(answer.Variable.Span.Slice(
            BinaryPrimitives.ReadInt32LittleEndian(row[(int)feature.Offset..]),
            BinaryPrimitives.ReadInt32LittleEndian(row[((int)feature.Offset + 4)..])));
    }

    private Metadata Headers => new() { { "authorization", $"Bearer {who.Key}" } };

    private GrpcChannel Channel() =>
        GrpcChannel.ForAddress(views.Fresh.Server.FlightAddress ?? throw new InvalidOperationException("No address."));

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var address = views.Fresh.Server.RespAddress ?? throw new InvalidOperationException("No address.");
        return await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions { EndPoints = { { address.Host, address.Port } }, Password = who.Key });
    }

    private sealed class RefusedByFeast(string body) : Exception(body);
}
