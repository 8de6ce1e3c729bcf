// Command setup turns what `wasmd init` wrote into the local chain: it makes the keys of everybody
// who has coins, and a genesis with those coins and a short governance.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// addressPrefix is the one that scripts/localnet.sh builds wasmd with.
const addressPrefix = "wasm"

func main() {
	var o options
	flag.StringVar(&o.home, "home", "", "home of the node, as given to wasmd init")
	flag.StringVar(&o.keys, "keys", "", "folder for the mnemonics and addresses.json")
	flag.DurationVar(&o.voting, "voting-period", 10*time.Second, "of an ordinary proposal; an expedited one takes half of it")
	flag.Int64Var(&o.blockGas, "block-gas", 100_000_000, "gas that fits into a block")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		os.Exit(1)
	}
}

type options struct {
	home, keys string
	voting     time.Duration
	blockGas   int64
}

func run(o options) error {
	if o.home == "" || o.keys == "" || o.voting < 2*time.Second || o.blockGas <= 0 {
		return fmt.Errorf("needs --home, --keys, a --voting-period of 2s or more and a positive --block-gas")
	}
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(addressPrefix, addressPrefix+sdk.PrefixPublic)
	cdc := newCodec()
	holders, err := makeKeys(cdc, o.home, o.keys)
	if err != nil {
		return err
	}
	return writeGenesis(cdc, holders, o)
}

// newCodec knows the types of the genesis parts that we edit, which spares the link of all of wasmd.
func newCodec() codec.Codec {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	return codec.NewProtoCodec(registry)
}
