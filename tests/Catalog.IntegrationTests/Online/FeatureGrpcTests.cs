using System.Buffers.Binary;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Wire.Feast;
using Catalog.Wire.Lookup;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using FieldStatus = Catalog.Wire.Feast.FieldStatus;
using Value = Catalog.Wire.Feast.Value;

namespace Catalog.IntegrationTests.Online;

/// <summary>Features over gRPC, by clients that were made from the contract.</summary>
public sealed class FeatureGrpcTests
{
    [Fact]
    public async Task Rows_are_written_and_read_by_clients_of_Feast_and_by_our_own_lookup()
    {
        using var folder = new TemporaryFolder();
        var lake = Directory.CreateDirectory(folder["lake"]).FullName;
        await using var fresh = await FreshServer.StartAsync(o => o with { FlightUrl = "http://127.0.0.1:0", Roots = [lake] });
        using var channel = GrpcChannel.ForAddress(fresh.Server.FlightAddress ?? throw new InvalidOperationException("No address."));
        var headers = new Metadata { { "authorization", $"Bearer {fresh.Api.Key}" } };
        var trips = await Departures.RegisterAsync(fresh.Server, fresh.Api.Key ?? "", lake);
        var view = $"{trips.Latest.Namespace}/{trips.Latest.Name}";
        await WriteAsync(new GrpcFeatureServer.GrpcFeatureServerClient(channel), view, headers);
        await ReadAsync(new ServingService.ServingServiceClient(channel), view, headers);
        await LookUpAsync(new FeatureLookup.FeatureLookupClient(channel), view, headers);
    }

    private static async Task WriteAsync(GrpcFeatureServer.GrpcFeatureServerClient client, string view, Metadata headers)
    {
        var now = TimeProvider.System.GetUtcNow();
        var typed = new WriteToOnlineStoreRequest
        {
            FeatureViewName = view,
            TypedFeatures =
            {
                ["airport"] = new Value { StringVal = "ATL" },
                ["delay"] = new Value { DoubleVal = 12.5 },
                ["event_timestamp"] = new Value { UnixTimestampVal = now.AddMinutes(-2).ToUnixTimeSeconds() },
            },
        };
        await Eventually.True(
            async () => (await StatusAsync(() => client.WriteToOnlineStoreAsync(typed, headers))) != StatusCode.NotFound,
            "the view is served");
        var text = new PushRequest
        {
            StreamFeatureView = view,
            Features = { ["airport"] = "JFK", ["delay"] = "7", ["event_timestamp"] = now.AddMinutes(-1).ToString("O") },
        };
        Assert.True((await client.PushAsync(text, headers)).Status);
    }

    private static async Task ReadAsync(ServingService.ServingServiceClient client, string view, Metadata headers)
    {
        var request = new GetOnlineFeaturesRequest
        {
            Features = new FeatureList { Val = { $"{view}:delay" } },
            Entities = { ["airport"] = new RepeatedValue { Val = { Texts("ATL", "JFK", "XXX") } } },
            FullFeatureNames = true,
        };
        var answer = await client.GetOnlineFeaturesAsync(request, headers);
        Assert.Equal(["airport", "last_landing__delay"], answer.Metadata.FeatureNames.Val);
        Assert.Equal(["ATL", "JFK", "XXX"], answer.Results[0].Values.Select(v => v.StringVal));
        Assert.Equal([12.5, 7, 0], answer.Results[1].Values.Select(v => v.DoubleVal));
        Assert.Equal([FieldStatus.Present, FieldStatus.Present, FieldStatus.NotFound], answer.Results[1].Statuses);
        Assert.Equal(new Timestamp(), answer.Results[1].EventTimestamps[2]);
        Assert.NotEqual("", (await client.GetFeastServingInfoAsync(new GetFeastServingInfoRequest(), headers)).Version);

        request.Features.Val[0] = "none/none:delay";
        var missing = await Assert.ThrowsAsync<RpcException>(async () => await client.GetOnlineFeaturesAsync(request, headers));
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);
        Assert.Contains("FeatureViewNotFoundException", missing.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unauthenticated, await StatusAsync(() => client.GetOnlineFeaturesAsync(request)));
    }

    private static async Task LookUpAsync(FeatureLookup.FeatureLookupClient client, string view, Metadata headers)
    {
        var request = new LookupRequest
        {
            Features = new FeatureNames { Val = { $"{view}:delay" } },
            Keys = { new KeyColumn { Name = "airport", Values = { ByteString.CopyFromUtf8("XXX"), ByteString.CopyFromUtf8("ATL") } } },
            Receipt = true,
        };
        var first = await client.LookupAsync(request, headers);
        var (row, feature) = ((int)first.Layout.RowBytes, Assert.Single(first.Layout.Features));
        Assert.Equal(2 * row, first.Rows.Length);
        Assert.Equal((byte)FieldStatus.NotFound, first.Rows[(int)first.Layout.Views[0].StatusOffset]);
        Assert.Equal(12.5, BinaryPrimitives.ReadDoubleLittleEndian(first.Rows.Span[(row + (int)feature.Offset)..]));
        Assert.Equal("", Assert.Single(first.Generations));

        request.Schema = first.Schema;
        var second = await client.LookupAsync(request, headers);
        Assert.Null(second.Layout);
        Assert.Equal(first.Rows, second.Rows);

        request.Keys.Clear();
        var wrong = await Assert.ThrowsAsync<RpcException>(async () => await client.LookupAsync(request, headers));
        Assert.Equal(StatusCode.InvalidArgument, wrong.StatusCode);
        Assert.Equal("request.invalid", wrong.Trailers.GetValue("catalog-code"));
    }

    private static async Task<StatusCode> StatusAsync<T>(Func<AsyncUnaryCall<T>> call)
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static IEnumerable<Value> Texts(params string[] texts) => texts.Select(t => new Value { StringVal = t });
}
